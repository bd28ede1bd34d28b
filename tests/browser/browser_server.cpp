// browser-server PACKAGE [ORIGIN...]: serves the interop interface on /rpc, a page on / that has
// the npm package (the file PACKAGE), and lets pages of the origins call.
#include <capnweb/loop.hpp>
#include <capnweb/server.hpp>
#include <chrono>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

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

capnweb::Task<> serve(std::string package, std::vector<std::string> origins) {
  const auto registry = std::make_shared<interop::Registry>();
  capnweb::Server server({.origins = std::move(origins)},
                         [registry] { return std::make_unique<interop::TestTarget>(registry); });
  server.route("/", "text/html", kPage);
  server.route("/capnweb.js", "text/javascript", std::move(package));
  std::cout << "listening on " << server.port() << std::endl;
  co_await capnweb::wait_for_signal();
  co_await server.drain(5s);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::cerr << "usage: browser-server PACKAGE [ORIGIN...]\n";
    return 2;
  }
  try {
    capnweb::run(serve(read_file(argv[1]), std::vector<std::string>(argv + 2, argv + argc)));
  } catch (const std::exception& error) {
    std::cerr << "browser-server: " << error.what() << '\n';
    return 1;
  }
}
