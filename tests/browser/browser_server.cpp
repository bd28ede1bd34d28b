// browser-server PACKAGE [ORIGIN...]: serves the interop interface on /rpc, a page on / that has
// the npm package (the file PACKAGE), and lets pages of the origins call. In place of the package,
// --webtransport: it is served over WebTransport, too, and there is no page.
#include <capnweb/loop.hpp>
#include <capnweb/server.hpp>
#include <chrono>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#ifdef INTEROP_WEBTRANSPORT
#include <capnweb/webtransport.hpp>
#endif

#include "peer/test_target.hpp"

namespace {

using namespace std::chrono_literals;

constexpr const char* kPage = R"(<!doctype html>
<meta charset="utf-8">
<title>Cap'n Web</title>
<script type="module">
  import * as capnweb from "/capnweb.js";
  globalThis.capnweb = capnweb;
</script>
)";

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot read " + path);
  return {std::istreambuf_iterator<char>(file), {}};
}

#ifdef INTEROP_WEBTRANSPORT
using Listener = capnweb::WebTransportListener;

std::optional<Listener> listen(capnweb::Server& server) {
  std::optional<Listener> listener(std::in_place, server);
  std::cout << "webtransport on " << listener->port() << " sha256 "
            << listener->certificate().hash().to_hex() << '\n';
  return listener;
}
#else
struct Listener {};

std::optional<Listener> listen(capnweb::Server&) {
  throw capnweb::Error("this build has no WebTransport");
}
#endif

capnweb::Task<> serve(std::string package, std::vector<std::string> origins) {
  const auto registry = std::make_shared<interop::Registry>();
  capnweb::Server server({.origins = std::move(origins)},
                         [registry] { return std::make_unique<interop::TestTarget>(registry); });
  std::cout << "listening on " << server.port() << '\n';
  std::optional<Listener> listener;
  if (package == "--webtransport") {
    listener = listen(server);
  } else {
    server.route("/", "text/html", kPage);
    server.route("/capnweb.js", "text/javascript", read_file(package));
  }
  std::cout << std::flush;
  co_await capnweb::wait_for_signal();
  co_await server.drain(5s);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::cerr << "usage: browser-server PACKAGE|--webtransport [ORIGIN...]\n";
    return 2;
  }
  try {
    capnweb::run(serve(argv[1], std::vector<std::string>(argv + 2, argv + argc)));
  } catch (const std::exception& error) {
    std::cerr << "browser-server: " << error.what() << '\n';
    return 1;
  }
}
