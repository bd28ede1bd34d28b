// interop-peer --port N: the C++ server of the interop scenarios, on every path, as WebSockets and
// as HTTP batches. Port 0 picks a free one. SIGTERM and SIGINT let running calls finish.
#include <capnweb/loop.hpp>
#include <capnweb/server.hpp>
#include <charconv>
#include <chrono>
#include <iostream>
#include <optional>
#include <span>
#include <string_view>

#include "peer/test_target.hpp"

namespace {

using namespace std::chrono_literals;

std::optional<std::uint16_t> read_port(std::span<char*> arguments) {
  if (arguments.size() != 2 || std::string_view(arguments[0]) != "--port") return std::nullopt;
  const std::string_view text = arguments[1];
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return port;
}

capnweb::Task<> serve(std::uint16_t port) {
  const auto registry = std::make_shared<interop::Registry>();
  // Pages of any origin may call, as the reference's test server lets them.
  capnweb::Server server(capnweb::Loop::current(),
                         {.port = port, .every_path = true, .origins = {"*"}},
                         [registry](const capnweb::RequestInfo&) -> capnweb::Value {
                           return capnweb::Stub<>(std::make_shared<interop::TestTarget>(registry));
                         });
  std::cout << "listening on " << server.port() << std::endl;
  co_await capnweb::wait_for_signal();
  co_await server.drain(10s);
}

}  // namespace

int main(int argc, char** argv) {
  const auto port = read_port(std::span(argv, static_cast<std::size_t>(argc)).subspan(1));
  if (!port) {
    std::cerr << "usage: interop-peer --port N   (0 picks a free one)\n";
    return 2;
  }
  try {
    capnweb::run(serve(*port));
  } catch (const std::exception& error) {
    std::cerr << "interop-peer: " << error.what() << '\n';
    return 1;
  }
}
