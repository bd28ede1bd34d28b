// ws_frame.hpp: WebSocket frames (RFC 6455), read from bytes and written to bytes; knows no socket.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "net/utf8_stream.hpp"
#include "net/ws_role.hpp"

namespace capnweb {

enum class WsOpcode : std::uint8_t {
  kContinuation = 0,
  kText = 1,
  kBinary = 2,
  kClose = 8,
  kPing = 9,
  kPong = 10,
};

// Close codes we send ourselves.
inline constexpr std::uint16_t kWsGoingAway = 1001;
inline constexpr std::uint16_t kWsProtocolError = 1002;
inline constexpr std::uint16_t kWsNoCode = 1005;  // never on the wire: a close frame without a code
inline constexpr std::uint16_t kWsAbnormal = 1006;  // never on the wire: no close frame came
inline constexpr std::uint16_t kWsBadText = 1007;
inline constexpr std::uint16_t kWsTooBig = 1009;
inline constexpr std::uint16_t kWsServiceRestart = 1012;
inline constexpr std::uint16_t kWsTryAgainLater = 1013;
inline constexpr std::uint16_t kWsSessionEnded = 3000;  // (T-20)

inline constexpr std::size_t kWsMaxControlPayload = 125;
inline constexpr std::size_t kWsMaxCloseReason = 123;
inline constexpr std::size_t kWsMaxHeader = 14;

// Whether a peer may send the code in a close frame.
bool is_valid_ws_close_code(unsigned code) noexcept;

// Masks or unmasks `size` bytes, as if `offset` bytes of the payload came before them. The key is
// in the order of its bytes on the wire. Returns whether what came out is all ASCII.
using WsMaskKey = std::array<char, 4>;
bool apply_ws_mask(char* bytes, std::size_t size, const WsMaskKey& key,
                   std::size_t offset = 0) noexcept;

// What the peer's bytes amount to.
struct WsEvent {
  enum class Kind : std::uint8_t {
    kNone,    // nothing yet: all bytes are used up
    kText,    // `payload` is a whole message, valid UTF-8
    kBinary,  // the beginning of a binary message, which is not read (T-18)
    kPing,
    kPong,
    kClose,  // with `code`, kWsNoCode if there was none, and the reason in `payload`
    kError,  // the connection cannot go on: close with `code`; `payload` says why
  };
  Kind kind = Kind::kNone;
  std::uint16_t code = 0;
  // Valid until the next call, and as long as the bytes that were fed.
  std::string_view payload = {};
};

// Reads frames from pieces of any size.
//
// A message that lies in the input whole, in one frame, is given as a view of it; anything else is
// gathered in a buffer that exists only meanwhile. Everything is checked as soon as it is there:
// opcodes and reserved bits, masking by role, minimal lengths, fragments, sizes, UTF-8.
class WsReader {
 public:
  WsReader(WebSocketRole role, std::size_t max_message) noexcept
      : max_message_(max_message), expects_mask_(role == WebSocketRole::kServer) {}

  // Takes bytes from the front of `input`, unmasking them where they are, up to the end of the next
  // event. After kClose and kError everything is swallowed.
  WsEvent next(std::span<char>& input);

  // From now on messages are skipped unread; only control frames make events.
  void skip_messages() noexcept;

  // Bytes that are held for an unfinished message.
  std::size_t buffered() const noexcept { return message_is_given_ ? 0 : message_.size(); }

 private:
  enum class Stage : std::uint8_t { kHeader, kPayload, kOver };

  bool take_small_message(std::span<char>& input, WsEvent& event);
  bool read_header(std::span<char>& input, WsEvent& event);
  bool check_first_bytes(WsEvent& event);
  bool check_length(WsEvent& event);
  bool begin_payload(WsEvent& event);
  bool read_message_part(std::span<char>& input, WsEvent& event);
  bool read_control(std::span<char>& input, WsEvent& event);
  bool finish_control(std::string_view payload, WsEvent& event);
  bool finish_message(WsEvent& event);
  std::span<char> take_payload(std::span<char>& input) noexcept;
  bool fail(WsEvent& event, std::uint16_t code, std::string_view why) noexcept;

  bool is_control() const noexcept { return (opcode_ & 8) != 0; }

  const std::size_t max_message_;
  const bool expects_mask_;
  Stage stage_ = Stage::kHeader;

  // The frame.
  bool is_final_ = false;
  bool is_masked_ = false;
  std::uint8_t opcode_ = 0;
  std::uint8_t header_size_ = 0;    // bytes of the header that are in header_
  std::uint8_t header_needed_ = 2;  // how many it has, as far as is known
  std::array<char, kWsMaxHeader> header_{};
  WsMaskKey key_{};
  std::uint64_t left_ = 0;  // of the payload
  std::uint64_t taken_ = 0;
  bool part_is_ascii_ = false;  // what was taken last, as far as unmasking has seen

  // The message.
  bool in_message_ = false;  // between its first frame and its last
  bool skips_messages_ = false;
  bool message_is_given_ = false;
  std::string message_;
  std::uint64_t message_size_ = 0;  // with what the frame announces
  Utf8Stream utf8_;
  std::unique_ptr<std::string> control_;  // the payload of a control frame that came in parts
};

// Appends a frame; a client's is masked with `key`.
void append_ws_frame(std::string& out, WsOpcode opcode, std::string_view payload,
                     const WsMaskKey* key);

// Appends the header alone, of a final frame whose payload follows elsewhere.
void append_ws_header(std::string& out, WsOpcode opcode, std::uint64_t size, const WsMaskKey* key);

// The payload of a close frame: the reason is cut to what fits, between characters, and what is no
// UTF-8 in it is replaced.
std::string ws_close_payload(std::uint16_t code, std::string_view reason);

}  // namespace capnweb
