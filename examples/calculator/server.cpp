// calculator-server [PORT]: a calculator for everybody who speaks Cap'n Web, over WebSockets and
// HTTP batches. Ctrl-C (or SIGTERM) lets running calls finish.
#include <cstdint>
#include <exception>
#include <iostream>
#include <memory>
#include <string>

#include "calculator.hpp"

capnweb::Task<> serve(std::uint16_t port) {
  // Each session gets a calculator of its own.
  const auto open_session = [](const capnweb::RequestInfo& request) {
    std::cout << (request.is_websocket ? "WebSocket" : "HTTP batch") << " from "
              << request.peer_address << std::endl;
    return std::make_unique<Calculator>();
  };
  capnweb::Server server({.port = port}, open_session);
  std::cout << "listening on " << server.url() << std::endl;

  co_await capnweb::wait_for_signal();
  co_await server.drain();
  std::cout << "done" << std::endl;
}

int main(int argc, char** argv) {
  try {
    const int port = argc > 1 ? std::stoi(argv[1]) : 8080;
    capnweb::run(serve(static_cast<std::uint16_t>(port)));
  } catch (const std::exception& error) {
    std::cerr << "calculator-server: " << error.what() << '\n';
    return 1;
  }
}
