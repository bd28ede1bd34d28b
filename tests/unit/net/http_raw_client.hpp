// http_raw_client.hpp: a client that sends what it likes, byte by byte.
#pragma once

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <capnweb/asio.hpp>
#include <capnweb/server.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "net/http_server.hpp"

namespace capnweb::testing {

// Runs the loop until `done` says so; false after far longer than anything here takes.
inline bool run_until(boost::asio::io_context& loop, const std::function<bool()>& done) {
  const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!done()) {
    if (std::chrono::steady_clock::now() > limit) return false;
    loop.restart();
    loop.run_one_for(std::chrono::milliseconds(20));
  }
  return true;
}

struct RawResponse {
  int status = 0;
  std::string head;  // with its last line end
  std::string body;

  bool has_line(std::string_view line) const {
    return head.find("\r\n" + std::string(line) + "\r\n") != head.npos;
  }
};

class RawClient {
 public:
  RawClient(boost::asio::io_context& loop, std::uint16_t port)
      : loop_(loop), wire_(std::make_shared<Wire>(loop)) {
    wire_->socket.connect({boost::asio::ip::address_v4::loopback(), port});
    read(wire_);
  }
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;
  ~RawClient() { wire_->socket.close(); }

  // Sends all of it, while the loop runs.
  void send(std::string_view text) {
    auto sent = std::make_shared<bool>(false);
    boost::asio::async_write(wire_->socket, boost::asio::buffer(text),
                             [sent, wire = wire_](const auto&, std::size_t) { *sent = true; });
    EXPECT_TRUE(run_until(loop_, [&] { return *sent; }));
  }
  void end_sending() { wire_->socket.shutdown(boost::asio::ip::tcp::socket::shutdown_send); }
  void close() { wire_->socket.close(); }

  // The next response. Status 0: the connection closed before it came.
  RawResponse response(bool without_body = false) {
    RawResponse result;
    std::size_t head_end = std::string::npos;
    run_until(loop_, [&] {
      head_end = wire_->text.find("\r\n\r\n");
      return head_end != std::string::npos || wire_->closed;
    });
    if (head_end == std::string::npos) return result;
    result.head = take(head_end + 4).substr(0, head_end + 2);
    result.status = std::stoi(result.head.substr(9, 3));
    constexpr std::string_view kLength = "\r\nContent-Length: ";
    const std::size_t length = result.head.find(kLength);
    if (without_body || length == std::string::npos) return result;
    const std::size_t size = std::stoul(result.head.substr(length + kLength.size()));
    EXPECT_TRUE(run_until(loop_, [&] { return wire_->text.size() >= size || wire_->closed; }));
    result.body = take(size);
    return result;
  }
  RawResponse exchange(std::string_view request) {
    send(request);
    return response();
  }
  // The next `size` bytes, as they are.
  std::string bytes(std::size_t size) {
    EXPECT_TRUE(run_until(loop_, [&] { return wire_->text.size() >= size || wire_->closed; }));
    return take(size);
  }

  // Whether the server ends the connection.
  bool is_closed() {
    return run_until(loop_, [&] { return wire_->closed; });
  }
  bool has_received() const noexcept { return !wire_->text.empty(); }

 private:
  // Outlives the client while something is pending.
  struct Wire {
    explicit Wire(boost::asio::io_context& loop) : socket(loop) {}
    boost::asio::ip::tcp::socket socket;
    char buffer[4096];
    std::string text;
    bool closed = false;
  };
  static void read(const std::shared_ptr<Wire>& wire) {
    wire->socket.async_read_some(boost::asio::buffer(wire->buffer),
                                 [wire](const auto& code, std::size_t bytes) {
                                   wire->text.append(wire->buffer, bytes);
                                   if (!code) return read(wire);
                                   wire->closed = true;
                                   // As clients do when the server has ended.
                                   wire->socket.close();
                                 });
  }
  std::string take(std::size_t size) {
    std::string taken = wire_->text.substr(0, size);
    wire_->text.erase(0, size);
    return taken;
  }

  boost::asio::io_context& loop_;
  std::shared_ptr<Wire> wire_;
};

inline std::string post(std::string_view body, std::string_view headers = {},
                        std::string_view path = "/rpc") {
  return "POST " + std::string(path) + " HTTP/1.1\r\nHost: localhost\r\n" + std::string(headers) +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}
inline std::string get(std::string_view path, std::string_view headers = {},
                       std::string_view method = "GET") {
  return std::string(method) + " " + std::string(path) + " HTTP/1.1\r\nHost: localhost\r\n" +
         std::string(headers) + "\r\n";
}

// A server and its loop.
class HttpFixture : public ::testing::Test {
 protected:
  // Not the destructor: what ends here may speak to members of the derived test.
  void TearDown() override {
    if (server) server->close();
    core->end();
    loop.restart();
    loop.poll();
  }

  template <class F>
  void serve(F factory) {
    server = std::make_shared<HttpServer>(core, options,
                                          detail::make_session_factory(std::move(factory)));
    server->start();
  }
  RawClient connect() { return RawClient(loop, server->port()); }
  RawResponse exchange(std::string_view request) { return connect().exchange(request); }

  boost::asio::io_context loop{1};
  Loop caller = make_loop(loop.get_executor());
  const std::shared_ptr<LoopCore>& core = caller.core();
  ServerOptions options;
  std::shared_ptr<HttpServer> server;
};

}  // namespace capnweb::testing
