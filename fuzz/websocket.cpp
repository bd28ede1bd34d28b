// websocket.cpp: a WebSocket's bytes. The first byte of the input says which end we are ('S' or
// 'C') or that frames are to be written ('W'), the second how the rest is cut into pieces. The
// result must not depend on the cuts, and what we write we can read.
#include <array>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "net/websocket_protocol.hpp"
#include "net/ws_frame.hpp"
#include "support/bytes.hpp"
#include "support/objects.hpp"
#include "support/pieces.hpp"
#include "support/target.hpp"

namespace capnweb::fuzz {
namespace {

constexpr std::size_t kMaxMessage = 3000;

struct Seen {
  WsEvent::Kind kind;
  std::uint16_t code;
  std::string payload;
  friend bool operator==(const Seen&, const Seen&) = default;
};
using SeenList = std::vector<Seen>;

WebSocketRole other(WebSocketRole role) {
  return role == WebSocketRole::kServer ? WebSocketRole::kClient : WebSocketRole::kServer;
}

void read(WsReader& reader, std::string bytes, SeenList& seen) {
  std::span<char> input(bytes);
  for (;;) {
    const WsEvent event = reader.next(input);
    if (event.kind == WsEvent::Kind::kNone) break;
    seen.push_back({event.kind, event.code, std::string(event.payload)});
    require(seen.back().payload.size() <= kMaxMessage, "a payload is over the limit");
  }
  require(input.empty(), "the reader left bytes");
  require(reader.buffered() <= kMaxMessage, "the reader holds more than a message may have");
}

SeenList read_in_pieces(WebSocketRole role, std::string_view bytes, Pieces pieces) {
  WsReader reader(role, kMaxMessage);
  SeenList seen;
  while (!bytes.empty()) {
    const std::size_t size = pieces.next(bytes.size());
    read(reader, std::string(bytes.substr(0, size)), seen);
    bytes.remove_prefix(size);
  }
  return seen;
}

// A session behind the protocol, and what it sends.
class Connection {
 public:
  Connection(WebSocketRole role, World& world)
      : session_(detail::make_ref<detail::SessionCore>(world.make_object(),
                                                       SessionOptions{.limits = limits()})),
        protocol_(role, session_, std::make_shared<const WebSocketOptions>(), kMaxMessage,
                  scratch_.masks, now_),
        peer_(other(role), std::size_t{1} << 20) {}
  ~Connection() { protocol_.fail(Error("gone")); }

  void receive(std::string_view bytes, Pieces pieces, bool compose_meanwhile) {
    while (!bytes.empty()) {
      const std::size_t size = pieces.next(bytes.size());
      std::string piece(bytes.substr(0, size));
      std::span<char> rest(piece);
      do rest = protocol_.receive(rest, now_);
      while (!rest.empty());
      bytes.remove_prefix(size);
      if (compose_meanwhile) compose();
    }
  }

  const SeenList& sent() {
    compose();
    return sent_;
  }

 private:
  static Limits limits() {
    Limits limits;
    limits.max_message_size = kMaxMessage / 3;
    limits.max_exports = limits.max_imports = 200;
    return limits;
  }

  void compose() {
    protocol_.compose(scratch_, now_);
    std::string bytes;
    std::array<std::string_view, 4> gathered;
    while (!scratch_.block.empty()) {
      const std::size_t before = bytes.size();
      const std::size_t count = scratch_.block.gather(gathered);
      for (std::size_t i = 0; i < count; ++i) bytes += gathered[i];
      scratch_.block.consume(bytes.size() - before);
    }
    scratch_.block.clear();
    std::span<char> input(bytes);
    for (;;) {
      const WsEvent event = peer_.next(input);
      if (event.kind == WsEvent::Kind::kNone) return;
      require(event.kind != WsEvent::Kind::kError, "sent a bad frame", event.payload);
      sent_.push_back({event.kind, event.code, std::string(event.payload)});
    }
  }

  const WebSocketProtocol::Time now_{std::chrono::seconds(1000)};
  IoScratch scratch_;
  detail::Ref<detail::SessionCore> session_;
  WebSocketProtocol protocol_;
  WsReader peer_;
  SeenList sent_;
};

SeenList talk(WebSocketRole role, std::string_view bytes, Pieces pieces, bool compose_meanwhile) {
  World world;
  SeenList sent;
  {
    Connection connection(role, world);
    connection.receive(bytes, pieces, compose_meanwhile);
    sent = connection.sent();
    world.clear();
  }
  world.clear();
  require(world.objects == 0, "objects are left over");
  return sent;
}

void read_bytes(WebSocketRole role, std::string_view bytes, Pieces pieces) {
  require(read_in_pieces(role, bytes, Pieces(0)) == read_in_pieces(role, bytes, pieces),
          "the cuts change what is read");
  const SeenList whole = talk(role, bytes, Pieces(0), false);
  require(whole == talk(role, bytes, pieces, false), "the cuts change what is answered");
  talk(role, bytes, pieces, true);
}

// The bytes are a list of frames: a kind and a size, then the payload.
void write_frames(std::string_view bytes, Pieces pieces) {
  constexpr WsOpcode kOpcodes[] = {WsOpcode::kText, WsOpcode::kPing, WsOpcode::kPong};
  constexpr WsEvent::Kind kKinds[] = {WsEvent::Kind::kText, WsEvent::Kind::kPing,
                                      WsEvent::Kind::kPong};
  const WsMaskKey key{'\x12', '\x00', '\xFF', '\x78'};
  std::string masked;
  std::string plain;
  SeenList expected;
  while (bytes.size() > 1) {
    ByteReader head(bytes);
    const std::size_t kind = head.below(3);
    const std::size_t size = std::min<std::size_t>(head.byte() % 126, bytes.size() - 2);
    std::string payload(bytes.substr(2, size));
    bytes.remove_prefix(2 + size);
    // Text is repeated, to reach the longer headers; only UTF-8 may be sent as text.
    if (kOpcodes[kind] == WsOpcode::kText) {
      for (char& c : payload) c = static_cast<char>(c & 0x7F);
      if (size % 3 == 0) payload = payload + payload + payload + payload;
    }
    append_ws_frame(masked, kOpcodes[kind], payload, &key);
    append_ws_frame(plain, kOpcodes[kind], payload, nullptr);
    expected.push_back({kKinds[kind], 0, payload});
  }
  const std::string reason = ws_close_payload(3000, bytes);
  append_ws_frame(masked, WsOpcode::kClose, reason, &key);
  append_ws_frame(plain, WsOpcode::kClose, reason, nullptr);
  expected.push_back({WsEvent::Kind::kClose, 3000, reason.substr(2)});
  require(read_in_pieces(WebSocketRole::kServer, masked, pieces) == expected,
          "a client's frames read differently");
  require(read_in_pieces(WebSocketRole::kClient, plain, pieces) == expected,
          "a server's frames read differently");
}

}  // namespace
}  // namespace capnweb::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace capnweb;
  if (size < 2) return 0;
  const std::string_view bytes = fuzz::as_text(data + 2, size - 2);
  const fuzz::Pieces pieces(data[1]);
  if (data[0] == 'W') {
    fuzz::write_frames(bytes, pieces);
  } else {
    fuzz::read_bytes(data[0] == 'C' ? WebSocketRole::kClient : WebSocketRole::kServer, bytes,
                     pieces);
  }
  return 0;
}
