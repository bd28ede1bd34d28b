// page_files.hpp: what the pages of the examples need: files, and where to connect to.
#pragma once

#include <capnweb/server.hpp>
#include <capnweb/webtransport.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>

inline std::string read_text(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot read " + path.string());
  return {std::istreambuf_iterator<char>(file), {}};
}

// "/" is `page`, beside it are the modules that it imports, and /webtransport.json says where to
// connect to and which certificate to accept. EXAMPLE_SOURCE is the folder of this repository.
inline void serve_page(capnweb::Server& server, const capnweb::WebTransportListener& listener,
                       const std::filesystem::path& page) {
  const std::filesystem::path source = EXAMPLE_SOURCE;
  server.route("/", "text/html", read_text(source / "examples" / page));
  server.route("/capnweb-webtransport.js", "text/javascript",
               read_text(source / "js/capnweb-webtransport.js"));
  const auto package = source / "tests/interop/node_modules/capnweb/dist/index.js";
  server.route("/capnweb.js", "text/javascript",
               std::filesystem::exists(package) ? read_text(package)
                                                : "export * from 'https://esm.sh/capnweb@0.12';");
  // A server that runs for weeks would replace this together with its certificate.
  server.route("/webtransport.json", "application/json",
               R"({"url": ")" + listener.url() + R"(", "certificateHashes": [")" +
                   listener.certificate().hash().to_hex() + R"("]})");
}
