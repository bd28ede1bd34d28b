// ws_handshake.hpp: the HTTP part of opening a WebSocket, on both sides.
#pragma once

#include <capnweb/value.hpp>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "net/url.hpp"

namespace capnweb {

// Sec-WebSocket-Accept for a client's key.
std::string ws_accept_key(std::string_view client_key);

// ---- Server

// What a server has decided about an upgrade request.
struct WsUpgrade {
  int status = 101;         // 101; else 400 or 426
  std::string text = {};    // for people, if it is refused
  std::string accept = {};  // Sec-WebSocket-Accept
  // Sec-WebSocket-Protocol, if not empty: the first of the offered names that the server knows.
  std::string subprotocol = {};
};

// Looks at an upgrade request that has `Upgrade: websocket` and is a GET: version, key and
// subprotocols. A status of 426 wants the header `Sec-WebSocket-Version: 13`.
WsUpgrade check_ws_upgrade(const Headers& request, std::span<const std::string> known_subprotocols);

// The whole 101 response, to be sent before the first frame.
std::string compose_ws_response(const WsUpgrade& upgrade);

// ---- Client

// Asks for a WebSocket and reads the answer; knows no socket.
class WsClientHandshake {
 public:
  enum class Progress : std::uint8_t { kMore, kOpen, kRefused };

  // Throws Error (TypeError) for headers and subprotocols that cannot be sent.
  WsClientHandshake(const ServerUrl& url, const Headers& headers,
                    std::vector<std::string> subprotocols);
  ~WsClientHandshake();

  // To be sent to the server.
  const std::string& request() const noexcept { return request_; }

  // Takes bytes of the server's answer.
  Progress feed(std::string_view bytes);
  // No more will come. REQUIRES: the last feed() gave kMore.
  void end_of_input();

  // What came behind the answer, once the WebSocket is open.
  std::string take_rest() noexcept { return std::move(input_); }
  // What the server has chosen of what was offered, or "".
  const std::string& subprotocol() const noexcept { return subprotocol_; }
  // Why there is no WebSocket, in words, once it is refused.
  const std::string& refusal() const noexcept { return refusal_; }

 private:
  struct Answer;
  Progress check_upgrade();
  Progress explain_status();
  Progress refuse(std::string why);

  std::string request_;
  std::string expected_accept_;
  std::vector<std::string> offered_;
  std::unique_ptr<Answer> answer_;
  std::string input_;  // received and not parsed yet
  std::string subprotocol_;
  std::string refusal_;
};

}  // namespace capnweb
