// integrated-server [PORT]: one server for HTTP batches, WebSockets and WebTransport. TCP and UDP
// have a port of the same number. Ctrl-C (or SIGTERM) lets running calls finish.
#include <capnweb/capnweb.hpp>
#include <capnweb/webtransport.hpp>
#include <cstdint>
#include <exception>
#include <iostream>
#include <memory>
#include <string>

#include "calculator/calculator.hpp"
#include "page_files.hpp"

capnweb::Task<> serve(std::uint16_t port) {
  // However a client comes, it gets the same.
  const auto open_session = [](const capnweb::RequestInfo& request) {
    std::cout << (request.is_webtransport ? "WebTransport"
                  : request.is_websocket  ? "WebSocket"
                                          : "HTTP batch")
              << " at " << request.path() << std::endl;
    return std::make_unique<Calculator>();
  };
  capnweb::Server server({.host = "localhost", .port = port}, open_session);
  capnweb::WebTransportListener listener(server, {.port = port});
  serve_page(server, listener, "webtransport-integrated/page.html");

  std::cout << "listening on " << server.url() << " and " << listener.url() << "\nsha256 "
            << listener.certificate().hash().to_hex()
            << "\npage on http://localhost:" << server.port() << '/' << std::endl;
  co_await capnweb::wait_for_signal();
  co_await server.drain();
  std::cout << "done" << std::endl;
}

int main(int argc, char** argv) {
  try {
    const int port = argc > 1 ? std::stoi(argv[1]) : 8080;
    capnweb::run(serve(static_cast<std::uint16_t>(port)));
  } catch (const std::exception& error) {
    std::cerr << "integrated-server: " << error.what() << '\n';
    return 1;
  }
}
