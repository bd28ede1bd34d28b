// websocket.hpp: a WebSocket connection that carries a session, over a socket.
#pragma once

#include <boost/asio/generic/stream_protocol.hpp>
#include <capnweb/detail/ref.hpp>
#include <capnweb/limits.hpp>
#include <capnweb/websocket.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "net/loop_core.hpp"
#include "net/ws_role.hpp"

namespace capnweb {

namespace detail {
class SessionCore;
}

// Any connected stream socket; a tcp::socket converts when moved.
using StreamSocket = boost::asio::generic::stream_protocol::socket;

// What start() needs besides the socket.
struct WebSocketStart {
  WebSocketRole role = WebSocketRole::kServer;
  std::shared_ptr<const WebSocketOptions> options = std::make_shared<const WebSocketOptions>();
  // Bytes of one message at most: three times the session's max_message_size, see
  // max_message_bytes(). More end the connection while they are still arriving (1009).
  std::size_t max_message_bytes = 3 * Limits{}.max_message_size;
  // Sent before the first frame: the server's 101 response.
  std::string first_output = {};
  // What the peer has sent behind its handshake.
  std::string first_input = {};
  // Called once, from the loop, when the connection is closed and its session has ended. Not when
  // the loop itself ends.
  std::function<void()> on_closed = {};
};

// Carries a session from the end of the handshake to the end of the connection. It keeps itself
// alive by its pending operation; who holds a pointer may use it after its end, without effect.
// Loop thread only.
class WebSocket {
 public:
  // Takes the socket over. When the session ends for its own reasons the connection says why and
  // closes; when the connection ends, the session does.
  static std::shared_ptr<WebSocket> start(std::shared_ptr<LoopCore> loop, StreamSocket socket,
                                          detail::Ref<detail::SessionCore> session,
                                          WebSocketStart start);

  virtual ~WebSocket() = default;

  // Ends the session and closes with a code and a reason of up to 123 bytes: 1012 when the server
  // goes, for instance. Calls that are pending on this side fail with the reason.
  virtual void close(std::uint16_t code, std::string_view reason) = 0;

  // At once, without a word to the peer.
  virtual void terminate() = 0;

  // Bytes that wait for the peer to read.
  virtual std::size_t unsent() const noexcept = 0;
};

}  // namespace capnweb
