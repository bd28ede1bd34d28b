// http_server.hpp: the connections of a server and what they share.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <capnweb/server.hpp>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <unordered_set>
#include <variant>
#include <vector>

#include "net/http_server_admission.hpp"
#include "net/http_server_listener.hpp"
#include "net/http_server_response.hpp"
#include "net/http_server_routes.hpp"

namespace capnweb {

class HttpConnection;

// Everything on the executor's one thread or strand. Connections keep it alive; close() lets go of
// them.
class HttpServer : public std::enable_shared_from_this<HttpServer> {
 public:
  using Clock = std::chrono::steady_clock;

  // Listens at once; throws Error if it cannot.
  HttpServer(boost::asio::any_io_executor executor, ServerOptions options, SessionFactory factory);

  void start();
  void close();
  void drain(std::chrono::milliseconds patience, std::function<void()> done);

  std::uint16_t port() const noexcept { return listener_->port(); }
  std::string url() const;
  std::size_t connections() const noexcept { return admission_.connections(); }
  void add_page(std::string path, std::string content_type, std::string body) {
    routes_.add_page(std::move(path), std::move(content_type), std::move(body));
  }

  // -- For connections.
  const boost::asio::any_io_executor& executor() const noexcept { return executor_; }
  const ServerOptions& options() const noexcept { return options_; }
  const HttpRoutes& routes() const noexcept { return routes_; }
  const std::string& date() { return date_.now(); }
  bool is_draining() const noexcept { return is_draining_; }

  // The main object of a session, or what the client gets as there is none.
  std::variant<Value, HttpResponse> make_main(const RequestInfo& request);

  // Counts the bytes of bodies that are still arriving; false if they are too many.
  bool reserve_body(std::size_t bytes) noexcept;
  void release_body(std::size_t bytes) noexcept { unfinished_bodies_ -= bytes; }

  void add(HttpConnection& connection);
  void remove(HttpConnection& connection) noexcept;

 private:
  void on_accept(HttpListener::Socket socket, const boost::asio::ip::tcp::endpoint& peer);
  void tick_later();
  void tick();
  std::vector<std::shared_ptr<HttpConnection>> live_connections() const;
  void report_drained();
  void close_connections();

  boost::asio::any_io_executor executor_;
  ServerOptions options_;
  SessionFactory factory_;
  std::shared_ptr<HttpListener> listener_;
  HttpRoutes routes_;
  HttpAdmission admission_;
  HttpDate date_;
  std::unordered_set<HttpConnection*> connections_;
  std::size_t turned_away_ = 0;
  std::size_t unfinished_bodies_ = 0;
  boost::asio::steady_timer ticker_;
  bool is_ticking_ = false;
  bool is_closed_ = false;
  bool is_draining_ = false;
  Clock::time_point patience_ends_ = Clock::time_point::max();
  std::function<void()> drained_;
};

}  // namespace capnweb
