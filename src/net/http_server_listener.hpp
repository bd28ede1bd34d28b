// http_server_listener.hpp: sockets that wait for connections.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "net/loop_core.hpp"

namespace capnweb {

// Listens on every address that a host name stands for, all on one port.
//
// When the process runs out of descriptors, whoever connects is told so by closing (a descriptor is
// kept in reserve to accept with), and accepting pauses: a listening socket that cannot be accepted
// from stays readable, and would turn the loop into a busy one.
class HttpListener : public std::enable_shared_from_this<HttpListener> {
 public:
  using Socket = boost::asio::ip::tcp::socket;
  using Accepted = std::function<void(Socket, const boost::asio::ip::tcp::endpoint&)>;

  // Throws Error if it cannot listen.
  HttpListener(std::shared_ptr<LoopCore> loop, const std::string& host, std::uint16_t port,
               bool reuse_port);
  ~HttpListener();

  std::uint16_t port() const noexcept { return port_; }
  // Whether all its addresses are loopback ones.
  bool is_loopback() const noexcept { return is_loopback_; }

  void start(Accepted accepted);
  void close();

 private:
  using Acceptor = boost::asio::ip::tcp::acceptor;
  void listen(const boost::asio::ip::tcp::endpoint& endpoint, bool reuse_port);
  void accept(Acceptor& acceptor);
  void on_accept(Acceptor& acceptor, const boost::system::error_code& code, Socket socket);
  void on_accept_error(Acceptor& acceptor, const boost::system::error_code& code);
  void shed_one(Acceptor& acceptor);
  void resume_later();
  void open_spare();

  std::shared_ptr<LoopCore> loop_;
  std::vector<std::unique_ptr<Acceptor>> acceptors_;
  std::vector<Acceptor*> paused_;
  boost::asio::steady_timer pause_;
  Accepted accepted_;
  std::uint16_t port_ = 0;
  bool is_loopback_ = true;
  int spare_ = -1;
};

}  // namespace capnweb
