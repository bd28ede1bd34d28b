// ws_handshake.hpp: the HTTP part of opening a WebSocket, on both sides.
#pragma once

#include <capnweb/value.hpp>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "value/expected.hpp"

namespace capnweb {

// Sec-WebSocket-Accept for a client's key.
std::string ws_accept_key(std::string_view client_key);

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

}  // namespace capnweb
