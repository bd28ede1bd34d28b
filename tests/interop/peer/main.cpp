// interop-peer --port N [--webtransport]: the C++ server of the interop scenarios, on every path,
// as WebSockets and as HTTP batches, and over WebTransport with a certificate made for this run.
// Port 0 picks a free one. SIGTERM and SIGINT let running calls finish.
#include <capnweb/loop.hpp>
#include <capnweb/server.hpp>
#include <charconv>
#include <chrono>
#include <iostream>
#include <optional>
#include <span>
#include <string_view>

#ifdef INTEROP_WEBTRANSPORT
#include <capnweb/webtransport.hpp>
#endif

#include "peer/test_target.hpp"

namespace {

using namespace std::chrono_literals;

struct Arguments {
  std::uint16_t port = 0;
  bool webtransport = false;
};

std::optional<Arguments> read_arguments(std::span<char*> arguments) {
  Arguments read;
  if (arguments.size() == 3 && std::string_view(arguments[2]) == "--webtransport") {
    read.webtransport = true;
    arguments = arguments.first(2);
  }
  if (arguments.size() != 2 || std::string_view(arguments[0]) != "--port") return std::nullopt;
  const std::string_view text = arguments[1];
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), read.port);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return read;
}

#ifdef INTEROP_WEBTRANSPORT
using Listener = capnweb::WebTransportListener;

// On both of localhost's addresses. Some scenarios wait until silence tells that the peer has gone.
std::optional<Listener> listen(capnweb::Server& server, std::uint16_t port) {
  const capnweb::WebTransportListenerOptions options{
      .host = "localhost",
      .port = port,
      .connection = {.idle_timeout = 5s, .keep_alive_after = 1s}};
  std::optional<Listener> listener(std::in_place, server, options);
  std::cout << "webtransport on " << listener->port() << " sha256 "
            << listener->certificate().hash().to_hex() << '\n';
  return listener;
}
#else
struct Listener {};

std::optional<Listener> listen(capnweb::Server&, std::uint16_t) {
  throw capnweb::Error("this build has no WebTransport");
}
#endif

capnweb::Task<> serve(Arguments arguments) {
  const auto registry = std::make_shared<interop::Registry>();
  // Pages of any origin may call, as the reference's test server lets them.
  capnweb::Server server(capnweb::Loop::current(),
                         {.port = arguments.port, .every_path = true, .origins = {"*"}},
                         [registry](const capnweb::RequestInfo&) -> capnweb::Value {
                           return capnweb::Stub<>(std::make_shared<interop::TestTarget>(registry));
                         });
  std::cout << "listening on " << server.port() << '\n';
  std::optional<Listener> listener;
  if (arguments.webtransport) listener = listen(server, arguments.port);
  std::cout << std::flush;
  co_await capnweb::wait_for_signal();
  co_await server.drain(10s);
}

}  // namespace

int main(int argc, char** argv) {
  const auto arguments = read_arguments(std::span(argv, static_cast<std::size_t>(argc)).subspan(1));
  if (!arguments) {
    std::cerr << "usage: interop-peer --port N [--webtransport]   (0 picks a free one)\n";
    return 2;
  }
  try {
    capnweb::run(serve(*arguments));
  } catch (const std::exception& error) {
    std::cerr << "interop-peer: " << error.what() << '\n';
    return 1;
  }
}
