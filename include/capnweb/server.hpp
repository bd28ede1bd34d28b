// server.hpp: answering Cap'n Web over HTTP, as batches and as WebSockets.
#pragma once

#include <capnweb/convert.hpp>
#include <capnweb/loop.hpp>
#include <capnweb/session.hpp>
#include <capnweb/stub.hpp>
#include <capnweb/task.hpp>
#include <capnweb/value.hpp>
#include <capnweb/websocket.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace capnweb {

// The HTTP request that opens a session, as the factory of main objects sees it.
struct RequestInfo {
  std::string method;
  std::string target;  // path and query, as the client sent them
  Headers headers = {};
  std::string peer_address;  // "127.0.0.1", "2001:db8::1"
  std::uint16_t peer_port = 0;
  bool is_websocket = false;
  bool is_webtransport = false;  // if neither, it is a batch

  // The target up to its query, and what follows the "?".
  std::string_view path() const noexcept;
  std::string_view query() const noexcept;
};

// Thrown by a factory: the client gets this status and text instead of a session.
class RequestRefused : public std::exception {
 public:
  // REQUIRES: 400 <= status <= 599.
  RequestRefused(int status, std::string text);

  // Adds a header to the answer: {"www-authenticate", "Bearer"}. Throws Error if HTTP cannot carry
  // it: a value with a line's end would be a header of whoever chose it.
  RequestRefused& header(std::string_view name, std::string_view value);

  int status() const noexcept { return status_; }
  const Headers& headers() const noexcept { return headers_; }
  const char* what() const noexcept override { return text_.c_str(); }

 private:
  int status_;
  std::string text_;
  Headers headers_;
};

// What clients may use of a server, besides the Limits of their sessions.
struct HttpLimits {
  // Over these: 431.
  std::size_t max_header_size = 16 * 1024;
  std::size_t max_header_fields = 100;
  // A head must be complete this long after its first byte, a body this long after its head plus
  // what the part that has arrived takes at the slowest rate. Over: 408, and the connection closes.
  std::chrono::milliseconds header_time{10'000};
  std::chrono::milliseconds body_time{10'000};
  std::size_t min_body_bytes_per_second = 16 * 1024;
  // A client that takes nothing of its answer for this long is gone.
  std::chrono::milliseconds write_time{30'000};
  // Idle connections close after this; longer than the pools of proxies, or they answer 502.
  std::chrono::milliseconds keep_alive_time{75'000};
  std::size_t max_requests_per_connection = 1000;
  // Messages of a batch. Over: 413, as for a body of more than three times max_message_size bytes.
  std::size_t max_batch_messages = 10'000;
  // A batch with calls that take longer is answered without them, and with an abort message that
  // says so. Below the minute after which proxies give up and nobody learns why.
  std::chrono::milliseconds batch_time{50'000};
  // Bytes of bodies that are still arriving, of all connections together. Over: 503.
  std::size_t max_unfinished_bodies = 256 * 1024 * 1024;
  // Open connections, WebSockets among them; 0: 10 000, or less if the process may not open so many
  // files. Over: 503.
  std::size_t max_connections = 0;
  // Of one IPv4 address or IPv6 /64; loopback may have any number. Over: 503.
  std::size_t max_connections_per_address = 100;
};

struct ServerOptions {
  // An address or a name to listen on; "0.0.0.0" and "::" are all of them. Loopback alone unless
  // said otherwise.
  std::string host = "127.0.0.1";
  // 0 picks a free one; see Server::port().
  std::uint16_t port = 0;
  // Several servers, each on a loop of its own, share the port: the kernel spreads connections.
  bool reuse_port = false;

  // Where the server answers: POST is a batch, an upgrade a WebSocket. `<path>/batch` and
  // `<path>/ws` take one of them only.
  std::string path = "/rpc";
  // Answer everywhere, except where there is a route().
  bool every_path = false;

  // Names by which clients may call this server ("example.org", "example.org:8080"). When empty, a
  // server on loopback answers to localhost, *.localhost and addresses, so that no web page can
  // reach it by a name of its own; any other server answers to all. {"*"}: all.
  std::vector<std::string> hosts = {};
  // Origins of web pages, other than the server's own, that may call ("https://app.example.org").
  // {"*"}: all; then no session should trust cookies or the network it was reached through.
  std::vector<std::string> origins = {};
  // Let pages of `origins` send cookies with batches. No effect with {"*"}.
  bool allow_credentials = false;

  // WebSocket subprotocols that the server accepts; clients that offer none need none.
  std::vector<std::string> subprotocols = {};

  HttpLimits http = {};
  WebSocketOptions websocket = {};
  SessionOptions session = {};
};

// Makes the main object of a session: a stub, an object with stubs in it, any value. Called once
// per batch, WebSocket or WebTransport session, after all checks. What it throws refuses the
// request: RequestRefused as it says; an Error with the code permission_denied, not_found or
// bad_request with 403, 404 or 400 and its text; anything else with 500 and no text.
//
// `session` is the session it is for; copies of it may be kept. By its remote_main() a server calls
// its client, by on_broken() it learns that the client has gone, by abort() it ends the session.
using SessionFactory = std::function<Value(const RequestInfo& request, const Session& session)>;

class HttpServer;

namespace detail {

template <class F>
SessionFactory make_session_factory(F factory) {
  return [factory = std::move(factory)](const RequestInfo& request,
                                        const Session& session) mutable -> Value {
    if constexpr (std::is_invocable_v<F&, const RequestInfo&, const Session&>) {
      return to_value(factory(request, session));
    } else if constexpr (std::is_invocable_v<F&, const RequestInfo&>) {
      return to_value(factory(request));
    } else {
      return to_value(factory());
    }
  };
}

}  // namespace detail

// Listens from its constructor until it is destroyed. Destroying it closes its connections and ends
// their sessions; targets that callers held are released. On its loop's thread only.
class Server {
 public:
  // `factory` is a SessionFactory, or any function that takes a RequestInfo and a Session, the
  // RequestInfo alone, or nothing, and returns what can travel: a std::shared_ptr or
  // std::unique_ptr to a new target, a Stub, a value.
  // Throws Error if it cannot listen: the address is in use, is not ours, is no address.
  template <class F>
  Server(Loop& loop, ServerOptions options, F factory)
      : Server(loop, std::move(options), detail::make_session_factory(std::move(factory))) {}
  Server(Loop& loop, ServerOptions options, SessionFactory factory);
  // On the loop that runs this code.
  template <class F>
  Server(ServerOptions options, F factory)
      : Server(Loop::current(), std::move(options), std::move(factory)) {}
  Server(Server&&) noexcept;
  Server& operator=(Server&&) noexcept;
  ~Server();

  std::uint16_t port() const noexcept;
  // "http://127.0.0.1:8080/rpc"; WebSocket clients replace http by ws.
  std::string url() const;

  // Answers GET and HEAD on `path` with `body`, in place of what was there: pages for a demo.
  void route(std::string path, std::string content_type, std::string body);

  // Connections that are open now.
  std::size_t connections() const noexcept;

  // Ends in order: stops listening, lets running calls finish for up to `patience`, closes each
  // connection when its calls are answered (WebSockets with 1012, which tells clients to come
  // again), and at the end of the patience those that are left. Done when nothing is left.
  //
  //   co_await capnweb::wait_for_signal();
  //   co_await server.drain();
  Task<> drain(std::chrono::milliseconds patience = std::chrono::seconds(30));

  // For the library.
  const std::shared_ptr<HttpServer>& core() const noexcept { return server_; }

 private:
  std::shared_ptr<HttpServer> server_;
};

}  // namespace capnweb
