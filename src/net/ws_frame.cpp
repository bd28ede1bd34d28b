#include "net/ws_frame.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

#include "net/buffers.hpp"
#include "value/utf.hpp"

namespace capnweb {

namespace {

constexpr std::uint8_t kFinal = 0x80;
constexpr std::uint8_t kReserved = 0x70;
constexpr std::uint8_t kMasked = 0x80;
constexpr std::uint8_t kTwoByteLength = 126;
constexpr std::uint8_t kEightByteLength = 127;

std::uint8_t byte_of(char c) noexcept { return static_cast<std::uint8_t>(c); }

std::uint64_t read_big_endian(std::string_view bytes) noexcept {
  std::uint64_t value = 0;
  for (char c : bytes) value = value << 8 | byte_of(c);
  return value;
}

void append_big_endian(std::string& out, std::uint64_t value, std::size_t size) {
  for (std::size_t i = size; i-- > 0;) out += static_cast<char>(value >> (8 * i) & 0xFF);
}

}  // namespace

bool is_valid_ws_close_code(unsigned code) noexcept {
  // 1004 means nothing yet; 1005, 1006 and 1015 stand for what was never sent.
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) ||
         (code >= 3000 && code <= 4999);
}

bool apply_ws_mask(char* bytes, std::size_t size, const WsMaskKey& key,
                   std::size_t offset) noexcept {
  char pattern[8];
  for (std::size_t i = 0; i < sizeof pattern; ++i) pattern[i] = key[(offset + i) & 3];
  std::uint64_t wide_key;
  std::memcpy(&wide_key, pattern, sizeof wide_key);
  std::uint64_t seen = 0;
  const auto apply = [&seen](char* place, std::uint64_t word_key) {
    std::uint64_t word;
    std::memcpy(&word, place, sizeof word);
    word ^= word_key;
    std::memcpy(place, &word, sizeof word);
    seen |= word;
  };
  std::size_t i = 0;
  for (; size - i >= sizeof wide_key; i += sizeof wide_key) apply(bytes + i, wide_key);
  const std::size_t left = size - i;
  if (i > 0 && left > 0 && std::endian::native == std::endian::little) {
    // With the bytes before them, which a key of zeros leaves as they are.
    apply(bytes + size - sizeof wide_key, wide_key << 8 * (sizeof wide_key - left));
  } else {
    for (; i < size; ++i) {
      bytes[i] = static_cast<char>(bytes[i] ^ pattern[i & 7]);
      seen |= byte_of(bytes[i]);
    }
  }
  return (seen & 0x8080808080808080u) == 0;
}

// ---- Reading

WsEvent WsReader::next(std::span<char>& input) {
  if (std::exchange(message_is_given_, false)) clear_buffer(message_, kKeptBuffer);
  WsEvent event;
  while (stage_ != Stage::kOver) {
    if (stage_ == Stage::kHeader) {
      if (take_small_message(input, event)) return event;
      if (!read_header(input, event)) return event;
      continue;
    }
    const bool has_more =
        is_control() ? read_control(input, event) : read_message_part(input, event);
    if (!has_more) return event;
  }
  input = {};
  return event;
}

void WsReader::skip_messages() noexcept {
  skips_messages_ = true;
  if (!message_is_given_) let_go(message_);
}

// A whole message in one short frame, as nearly all come. False: it is none, or not all of it is
// there; nothing is taken then.
bool WsReader::take_small_message(std::span<char>& input, WsEvent& event) {
  const std::size_t header = expects_mask_ ? 2 + key_.size() : 2;
  if (header_size_ != 0 || in_message_ || skips_messages_ || input.size() < header) return false;
  if (byte_of(input[0]) != (kFinal | static_cast<std::uint8_t>(WsOpcode::kText))) return false;
  const std::size_t size = std::size_t{byte_of(input[1])} - (expects_mask_ ? kMasked : 0);
  if (size >= kTwoByteLength || size > max_message_ || input.size() < header + size) return false;
  char* const payload = input.data() + header;
  bool is_ascii = false;
  if (expects_mask_) {
    std::memcpy(key_.data(), input.data() + 2, key_.size());
    is_ascii = apply_ws_mask(payload, size, key_);
  }
  input = input.subspan(header + size);
  if (is_ascii || is_valid_utf8({payload, size})) {
    event = {.kind = WsEvent::Kind::kText, .payload = {payload, size}};
  } else {
    fail(event, kWsBadText, "the text is not UTF-8");
  }
  return true;
}

// Each of the readers gives true if reading goes on, false if there is an event or no more input.
bool WsReader::read_header(std::span<char>& input, WsEvent& event) {
  for (;;) {
    const std::size_t size =
        std::min<std::size_t>(header_needed_ - std::size_t{header_size_}, input.size());
    std::copy_n(input.begin(), size, header_.begin() + header_size_);
    input = input.subspan(size);
    header_size_ = static_cast<std::uint8_t>(header_size_ + size);
    if (header_size_ < header_needed_) return false;
    if (header_needed_ > 2) break;
    if (!check_first_bytes(event)) return false;
    if (header_needed_ == 2) break;
  }
  return check_length(event) && begin_payload(event);
}

bool WsReader::check_first_bytes(WsEvent& event) {
  const std::uint8_t first = byte_of(header_[0]);
  const std::uint8_t second = byte_of(header_[1]);
  const std::uint8_t length = second & 0x7F;
  is_final_ = (first & kFinal) != 0;
  opcode_ = first & 0xF;
  is_masked_ = (second & kMasked) != 0;
  if (first & kReserved) return fail(event, kWsProtocolError, "a reserved bit is set");
  if ((opcode_ & 7) > 2) return fail(event, kWsProtocolError, "unknown opcode");
  if (is_masked_ != expects_mask_)
    return fail(event, kWsProtocolError,
                expects_mask_ ? "frames of clients must be masked"
                              : "frames of servers must not be masked");
  if (is_control()) {
    if (!is_final_) return fail(event, kWsProtocolError, "a control frame is fragmented");
    if (length > kWsMaxControlPayload)
      return fail(event, kWsProtocolError, "a control frame is too long");
  } else if ((opcode_ == 0) != in_message_) {
    return fail(
        event, kWsProtocolError,
        in_message_ ? "a message begins inside of another" : "a continuation of no message");
  }
  header_needed_ = static_cast<std::uint8_t>(2 +
                                             (length == kTwoByteLength     ? 2
                                              : length == kEightByteLength ? 8
                                                                           : 0) +
                                             (is_masked_ ? 4 : 0));
  return true;
}

bool WsReader::check_length(WsEvent& event) {
  const std::uint8_t length = byte_of(header_[1]) & 0x7F;
  std::size_t end = 2;
  left_ = length;
  if (length == kTwoByteLength) {
    left_ = read_big_endian({&header_[2], 2});
    end = 4;
    if (left_ < kTwoByteLength) return fail(event, kWsProtocolError, "a length is not minimal");
  } else if (length == kEightByteLength) {
    left_ = read_big_endian({&header_[2], 8});
    end = 10;
    if (left_ <= 0xFFFF) return fail(event, kWsProtocolError, "a length is not minimal");
    if (left_ >> 63) return fail(event, kWsProtocolError, "a length is negative");
  }
  if (is_masked_) std::copy_n(header_.begin() + static_cast<std::ptrdiff_t>(end), 4, key_.begin());
  return true;
}

bool WsReader::begin_payload(WsEvent& event) {
  stage_ = Stage::kPayload;
  header_size_ = 0;
  header_needed_ = 2;
  taken_ = 0;
  if (is_control()) return true;
  if (opcode_ != 0) message_size_ = 0;
  in_message_ = !is_final_;
  if (skips_messages_) return true;
  // No sum can overflow: both are below 2^63.
  message_size_ += left_;
  if (message_size_ > max_message_) return fail(event, kWsTooBig, "the message is too big");
  if (opcode_ == static_cast<std::uint8_t>(WsOpcode::kBinary)) {
    skip_messages();
    event.kind = WsEvent::Kind::kBinary;
    return false;
  }
  return true;
}

std::span<char> WsReader::take_payload(std::span<char>& input) noexcept {
  const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(left_, input.size()));
  const std::span<char> part = input.first(size);
  input = input.subspan(size);
  part_is_ascii_ = is_masked_ && (is_control() || !skips_messages_) &&
                   apply_ws_mask(part.data(), size, key_, static_cast<std::size_t>(taken_ & 3));
  left_ -= size;
  taken_ += size;
  return part;
}

bool WsReader::read_message_part(std::span<char>& input, WsEvent& event) {
  const std::span<char> bytes = take_payload(input);
  const std::string_view part(bytes.data(), bytes.size());
  const bool is_whole = opcode_ != 0 && is_final_ && left_ == 0 && taken_ == part.size();
  if (left_ == 0) stage_ = Stage::kHeader;
  if (skips_messages_) return left_ == 0;
  if (is_whole) {
    if (!part_is_ascii_ && !is_valid_utf8(part))
      return fail(event, kWsBadText, "the text is not UTF-8");
    event = {.kind = WsEvent::Kind::kText, .payload = part};
    return false;
  }
  if (!(part_is_ascii_ && utf8_.is_complete()) && !utf8_.feed(part))
    return fail(event, kWsBadText, "the text is not UTF-8");
  // What is announced is not believed before it comes: the buffer grows with what is there. But a
  // message of two or three reads need not be copied for that.
  if (message_.empty())
    message_.reserve(
        static_cast<std::size_t>(std::min<std::uint64_t>(message_size_, 4 * part.size())));
  message_ += part;
  if (left_ > 0) return false;
  return is_final_ ? finish_message(event) : true;
}

bool WsReader::finish_message(WsEvent& event) {
  if (!utf8_.is_complete()) return fail(event, kWsBadText, "the text is not UTF-8");
  message_is_given_ = true;
  event = {.kind = WsEvent::Kind::kText, .payload = message_};
  return false;
}

bool WsReader::read_control(std::span<char>& input, WsEvent& event) {
  const std::span<char> bytes = take_payload(input);
  const std::string_view part(bytes.data(), bytes.size());
  if (left_ == 0 && taken_ == part.size()) return finish_control(part, event);
  if (taken_ == part.size()) control_ = std::make_unique<std::string>();
  *control_ += part;
  return left_ == 0 ? finish_control(*control_, event) : false;
}

bool WsReader::finish_control(std::string_view payload, WsEvent& event) {
  stage_ = Stage::kHeader;
  event.payload = payload;
  if (opcode_ == static_cast<std::uint8_t>(WsOpcode::kPing)) {
    event.kind = WsEvent::Kind::kPing;
  } else if (opcode_ == static_cast<std::uint8_t>(WsOpcode::kPong)) {
    event.kind = WsEvent::Kind::kPong;
  } else if (payload.empty()) {
    event = {.kind = WsEvent::Kind::kClose, .code = kWsNoCode};
    stage_ = Stage::kOver;
  } else {
    if (payload.size() == 1) return fail(event, kWsProtocolError, "half a close code");
    const auto code = static_cast<std::uint16_t>(read_big_endian(payload.substr(0, 2)));
    if (!is_valid_ws_close_code(code)) return fail(event, kWsProtocolError, "invalid close code");
    payload.remove_prefix(2);
    if (!is_valid_utf8(payload)) return fail(event, kWsBadText, "the close reason is not UTF-8");
    event = {.kind = WsEvent::Kind::kClose, .code = code, .payload = payload};
    stage_ = Stage::kOver;
  }
  return false;
}

bool WsReader::fail(WsEvent& event, std::uint16_t code, std::string_view why) noexcept {
  stage_ = Stage::kOver;
  let_go(message_);
  event = {.kind = WsEvent::Kind::kError, .code = code, .payload = why};
  return false;
}

// ---- Writing

void append_ws_header(std::string& out, WsOpcode opcode, std::uint64_t size, const WsMaskKey* key) {
  const std::uint8_t mask = key ? kMasked : 0;
  out += static_cast<char>(kFinal | static_cast<std::uint8_t>(opcode));
  if (size < kTwoByteLength) {
    out += static_cast<char>(mask | size);
  } else if (size <= 0xFFFF) {
    out += static_cast<char>(mask | kTwoByteLength);
    append_big_endian(out, size, 2);
  } else {
    out += static_cast<char>(mask | kEightByteLength);
    append_big_endian(out, size, 8);
  }
  if (key) out.append(key->data(), key->size());
}

void append_ws_frame(std::string& out, WsOpcode opcode, std::string_view payload,
                     const WsMaskKey* key) {
  append_ws_header(out, opcode, payload.size(), key);
  const std::size_t begin = out.size();
  out += payload;
  if (key) apply_ws_mask(out.data() + begin, payload.size(), *key);
}

std::string ws_close_payload(std::uint16_t code, std::string_view reason) {
  std::string text;
  append_big_endian(text, code, 2);
  append_as_utf8(text, reason, kWsMaxCloseReason);
  return text;
}

}  // namespace capnweb
