// http_server.hpp: the connections of a server and what they share.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <capnweb/detail/ref.hpp>
#include <capnweb/detail/timer.hpp>
#include <capnweb/server.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <variant>
#include <vector>

#include "net/http_server_admission.hpp"
#include "net/http_server_listener.hpp"
#include "net/http_server_response.hpp"
#include "net/http_server_routes.hpp"
#include "net/loop_core.hpp"
#include "net/server_entrance.hpp"
#include "net/websocket.hpp"
#include "session/session_core.hpp"

namespace capnweb {

class HttpConnection;

// Connections keep it alive; close() lets go of them.
class HttpServer final : public std::enable_shared_from_this<HttpServer>,
                         private LoopMember,
                         private detail::Timer {
 public:
  using Clock = detail::Timer::Clock;

  // Listens at once; throws Error if it cannot.
  HttpServer(std::shared_ptr<LoopCore> loop, ServerOptions options, SessionFactory factory);

  void start();
  void close();
  void drain(std::chrono::milliseconds patience, std::function<void()> done);

  std::uint16_t port() const noexcept { return listener_->port(); }
  std::string url() const;
  std::size_t connections() const noexcept;
  void add_page(std::string path, std::string content_type, std::string body) {
    routes_.add_page(std::move(path), std::move(content_type), std::move(body));
  }

  // -- For entrances.
  // It is closed and drained with the server, unless it is gone by then.
  void attach(const std::shared_ptr<ServerEntrance>& entrance);
  // One of its connections is gone.
  void entrance_changed() { report_drained(); }
  const std::string& host() const noexcept { return options_.host; }
  bool is_closed() const noexcept { return is_closed_; }

  // -- For connections.
  LoopCore& loop() const noexcept { return *loop_; }
  const ServerOptions& options() const noexcept { return options_; }
  const HttpRoutes& routes() const noexcept { return routes_; }
  const std::string& date() { return date_.now(); }
  const std::string& keep_alive_line() const noexcept { return keep_alive_line_; }
  bool is_draining() const noexcept { return is_draining_; }

  // A session with its main object, or what the client gets as there is none.
  using NewSession = std::variant<detail::Ref<detail::SessionCore>, HttpResponse>;
  NewSession open_session(const RequestInfo& request);

  // Counts the bytes of bodies that are still arriving; false if they are too many.
  bool reserve_body(std::size_t bytes) noexcept;
  void release_body(std::size_t bytes) noexcept { unfinished_bodies_ -= bytes; }

  // Takes over a connection whose client has asked for a WebSocket, after all checks. `response` is
  // the 101, `input` what the client has sent behind its request.
  void open_websocket(StreamSocket socket, HttpAdmission::Slot slot,
                      detail::Ref<detail::SessionCore> session, std::string response,
                      std::string input);

  void add(HttpConnection& connection);
  void remove(HttpConnection& connection) noexcept;

 private:
  void on_accept(HttpListener::Socket socket, const boost::asio::ip::tcp::endpoint& peer);
  void on_loop_end() noexcept override;
  void on_time(Clock::time_point now) noexcept override;
  void tick_later();
  std::variant<Value, HttpResponse> make_main(const RequestInfo& request, const Session& session);
  std::vector<std::shared_ptr<HttpConnection>> live_connections() const;
  void drain_websockets();
  void report_drained();
  void close_now();
  void close_connections();
  void close_websockets(std::uint16_t code, std::string_view reason);
  std::vector<std::shared_ptr<ServerEntrance>> entrances() const;
  bool is_empty() const noexcept;

  struct OpenWebSocket {
    std::shared_ptr<WebSocket> socket;
    detail::Ref<detail::SessionCore> session;
    HttpAdmission::Slot slot;
  };

  std::shared_ptr<LoopCore> loop_;
  ServerOptions options_;
  const std::shared_ptr<const SessionOptions> session_options_ =
      std::make_shared<const SessionOptions>(options_.session);
  const std::shared_ptr<const WebSocketOptions> websocket_options_ =
      std::make_shared<const WebSocketOptions>(options_.websocket);
  SessionFactory factory_;
  std::shared_ptr<HttpListener> listener_;
  HttpRoutes routes_;
  HttpAdmission admission_;
  HttpDate date_;
  std::string keep_alive_line_;
  std::unordered_set<HttpConnection*> connections_;
  std::unordered_map<std::uint64_t, OpenWebSocket> websockets_;
  std::uint64_t next_websocket_ = 1;
  std::vector<std::weak_ptr<ServerEntrance>> entrances_;
  std::size_t turned_away_ = 0;
  std::size_t unfinished_bodies_ = 0;
  bool is_closed_ = false;
  bool is_draining_ = false;
  Clock::time_point patience_ends_ = Clock::time_point::max();
  std::function<void()> drained_;
};

}  // namespace capnweb
