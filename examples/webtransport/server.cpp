// webtransport-server [PORT]: a chat over WebTransport. Its page is on a TCP port, the chat itself
// on a UDP port of the same number. Ctrl-C (or SIGTERM) ends it.
#include <capnweb/capnweb.hpp>
#include <capnweb/webtransport.hpp>
#include <cstdint>
#include <exception>
#include <iostream>
#include <memory>
#include <string>

#include "chat.hpp"
#include "page_files.hpp"

capnweb::Task<> serve(std::uint16_t port) {
  const auto room = std::make_shared<Room>();
  const auto open_session = [room](const capnweb::RequestInfo& request) {
    if (!request.is_webtransport)
      throw capnweb::RequestRefused(400, "This chat takes WebTransport only.");
    return std::make_unique<Member>(room);
  };
  capnweb::Server server({.host = "localhost", .port = port}, open_session);
  // Without a certificate in its options it makes one, which browsers accept by its hash.
  capnweb::WebTransportListener listener(server, {.port = port});
  serve_page(server, listener, "webtransport/page.html");

  std::cout << "listening on " << listener.url() << "\nsha256 "
            << listener.certificate().hash().to_hex()
            << "\npage on http://localhost:" << server.port()
            << "/\nin a page of your own:\n  new WebTransport('" << listener.url()
            << "', {serverCertificateHashes: [" << listener.certificate().hash().to_javascript()
            << "]})" << std::endl;
  co_await capnweb::wait_for_signal();
  co_await server.drain();
  std::cout << "done" << std::endl;
}

int main(int argc, char** argv) {
  try {
    const int port = argc > 1 ? std::stoi(argv[1]) : 4433;
    capnweb::run(serve(static_cast<std::uint16_t>(port)));
  } catch (const std::exception& error) {
    std::cerr << "webtransport-server: " << error.what() << '\n';
    return 1;
  }
}
