// client.hpp: connecting to a server.
#pragma once

#include <capnweb/promise.hpp>
#include <capnweb/session.hpp>
#include <capnweb/stub.hpp>
#include <capnweb/value.hpp>
#include <capnweb/websocket.hpp>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace capnweb {

class ClientTransport;
class Loop;

struct ConnectOptions {
  // What the server sees as our main object; undefined: none. Not for batches (T-15).
  Value main = {};
  // Sent with the request that opens the connection, over the library's own: Authorization, Cookie,
  // Origin, Host...
  Headers headers = {};
  // Names of subprotocols to offer, the preferred one first.
  std::vector<std::string> subprotocols = {};
  // From the start until the connection stands: looking up the name, connecting, the handshake.
  std::chrono::milliseconds connect_timeout{10'000};
  WebSocketOptions websocket = {};
  // What `https://` connects with: capnweb::webtransport(), see webtransport.hpp. Programs that
  // include that need not say so for URLs whose path ends with /wt.
  std::shared_ptr<const ClientTransport> transport = nullptr;
  SessionOptions session = {};
};

namespace detail {

// The promise of the main stub.
HookRef connect(Loop& loop, std::string_view url, ConnectOptions options);
Loop& current_loop();

}  // namespace detail

// Connects to a server and gives its main object: `ws://host:port/path` keeps a connection open for
// as long as any stub or promise that came over it is left, and so does `https://`, over
// WebTransport (ConnectOptions::transport); `http://` makes one batch (batch.hpp).
//
//   auto api = co_await capnweb::connect<Calculator>("ws://127.0.0.1:8080/rpc");
//
// The promise is there when the connection stands, and fails with an Error that says why it does
// not ("WebSocket connection failed. ...", "WebTransport connection failed. ..."). Calls may be
// made on it before that: they wait. Without T the stub is dynamic.
template <class T = void>
Promise<Stub<T>> connect(Loop& loop, std::string_view url, ConnectOptions options = {}) {
  return Promise<Stub<T>>(detail::connect(loop, url, std::move(options)));
}
// On the current loop; throws std::logic_error if there is none.
template <class T = void>
Promise<Stub<T>> connect(std::string_view url, ConnectOptions options = {}) {
  return Promise<Stub<T>>(detail::connect(detail::current_loop(), url, std::move(options)));
}

// The same at once, as a session: calls on its remote_main() wait for the connection. If it fails,
// on_broken() tells, and calls fail with the reason. Throws Error for a URL that is none.
Session connect_session(Loop& loop, std::string_view url, ConnectOptions options = {});
Session connect_session(std::string_view url, ConnectOptions options = {});

}  // namespace capnweb
