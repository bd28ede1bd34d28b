// interop-peer --port N [--host H] [--webtransport]: the C++ server of the interop scenarios, on
// every path, as WebSockets and as HTTP batches, and over WebTransport with a certificate made for
// this run. Port 0 picks a free one. SIGTERM and SIGINT let running calls finish.
#include <capnweb/loop.hpp>
#include <capnweb/server.hpp>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <iostream>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#ifdef INTEROP_WEBTRANSPORT
#include <capnweb/webtransport.hpp>
#endif

#include "peer/test_target.hpp"

namespace {

using namespace std::chrono_literals;

struct Arguments {
  std::optional<std::uint16_t> port = std::nullopt;
  std::optional<std::string> host = std::nullopt;
  bool webtransport = false;
};

std::optional<std::uint16_t> read_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return port;
}

std::optional<Arguments> read_arguments(std::span<char*> arguments) {
  Arguments read;
  while (!arguments.empty()) {
    const std::string_view name = arguments[0];
    if (name == "--webtransport") {
      read.webtransport = true;
      arguments = arguments.subspan(1);
      continue;
    }
    if (arguments.size() < 2) return std::nullopt;
    if (name == "--host")
      read.host = arguments[1];
    else if (name != "--port" || !(read.port = read_port(arguments[1])))
      return std::nullopt;
    arguments = arguments.subspan(2);
  }
  if (!read.port) return std::nullopt;
  return read;
}

#ifdef INTEROP_WEBTRANSPORT
using Listener = capnweb::WebTransportListener;

// On both of localhost's addresses, unless told otherwise. Some scenarios wait until silence tells
// that the peer has gone.
std::optional<Listener> listen(capnweb::Server& server, const Arguments& arguments) {
  const capnweb::WebTransportListenerOptions options{
      .host = arguments.host.value_or("localhost"),
      .port = *arguments.port,
      .connection = {.idle_timeout = 5s, .keep_alive_after = 1s}};
  std::optional<Listener> listener(std::in_place, server, options);
  std::cout << "webtransport on " << listener->port() << " sha256 "
            << listener->certificate().hash().to_hex() << '\n';
  return listener;
}
#else
struct Listener {};

std::optional<Listener> listen(capnweb::Server&, const Arguments&) {
  throw capnweb::Error("this build has no WebTransport");
}
#endif

capnweb::Task<> serve(Arguments arguments) {
  const auto registry = std::make_shared<interop::Registry>();
  // Pages of any origin may call, as the reference's test server lets them.
  capnweb::Server server(capnweb::Loop::current(),
                         {.host = arguments.host.value_or("127.0.0.1"),
                          .port = *arguments.port,
                          .every_path = true,
                          .origins = {"*"}},
                         [registry](const capnweb::RequestInfo&) -> capnweb::Value {
                           return capnweb::Stub<>(std::make_shared<interop::TestTarget>(registry));
                         });
  std::cout << "listening on " << server.port() << '\n';
  std::optional<Listener> listener;
  if (arguments.webtransport) listener = listen(server, arguments);
  std::cout << std::flush;
  co_await capnweb::wait_for_signal();
  co_await server.drain(10s);
}

}  // namespace

int main(int argc, char** argv) {
  const auto arguments = read_arguments(std::span(argv, static_cast<std::size_t>(argc)).subspan(1));
  if (!arguments) {
    std::cerr
        << "usage: interop-peer --port N [--host H] [--webtransport]   (0 picks a free one)\n";
    return 2;
  }
  try {
    capnweb::run(serve(*arguments));
  } catch (const std::exception& error) {
    std::cerr << "interop-peer: " << error.what() << '\n';
    return 1;
  }
}
