#include "net/ws_handshake.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "net/sha1.hpp"
#include "value/base64.hpp"

namespace capnweb {

namespace {

// The elements of a comma-separated header.
std::vector<std::string_view> split_list(std::string_view list) {
  std::vector<std::string_view> items;
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    std::string_view item = list.substr(0, comma);
    list.remove_prefix(std::min(comma + 1, list.size()));
    item.remove_prefix(std::min(item.find_first_not_of(" \t"), item.size()));
    item = item.substr(0, item.find_last_not_of(" \t") + 1);
    if (!item.empty()) items.push_back(item);
  }
  return items;
}

WsUpgrade refuse(int status, std::string text) {
  return {.status = status, .text = std::move(text)};
}

}  // namespace

std::string ws_accept_key(std::string_view client_key) {
  std::string text(client_key);
  text += "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  std::string accept;
  append_base64(accept, sha1(text));
  accept += '=';  // 20 bytes leave one character of padding
  return accept;
}

WsUpgrade check_ws_upgrade(const Headers& request,
                           std::span<const std::string> known_subprotocols) {
  const auto version = request.get("sec-websocket-version");
  if (!version || *version != "13")
    return refuse(426, "This server speaks version 13 of the WebSocket protocol.");
  const auto key = request.get("sec-websocket-key");
  const auto key_bytes = key ? decode_base64(*key) : std::nullopt;
  if (!key_bytes || key_bytes->size() != 16 || key->size() != 24)
    return refuse(400, "Sec-WebSocket-Key must be 16 bytes in base64.");

  WsUpgrade upgrade{.accept = ws_accept_key(*key)};
  // The client's order is its preference.
  if (const auto offered = request.get("sec-websocket-protocol"))
    for (std::string_view name : split_list(*offered))
      if (std::ranges::find(known_subprotocols, name) != known_subprotocols.end()) {
        upgrade.subprotocol = name;
        break;
      }
  return upgrade;
}

std::string compose_ws_response(const WsUpgrade& upgrade) {
  std::string response =
      "HTTP/1.1 101 Switching Protocols\r\n"
      "Upgrade: websocket\r\n"
      "Connection: Upgrade\r\n"
      "Sec-WebSocket-Accept: ";
  response += upgrade.accept;
  if (!upgrade.subprotocol.empty())
    response.append("\r\nSec-WebSocket-Protocol: ").append(upgrade.subprotocol);
  return response + "\r\n\r\n";
}

}  // namespace capnweb
