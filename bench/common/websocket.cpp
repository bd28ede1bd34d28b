#include "common/websocket.hpp"

#include <array>
#include <cstring>

namespace bench::ws {

namespace {

constexpr std::uint8_t kFinal = 0x80;
constexpr std::uint8_t kMasked = 0x80;

std::uint8_t byte_of(char c) { return static_cast<std::uint8_t>(c); }

// The same for both directions.
void apply_mask(char* text, std::size_t size, std::uint32_t key) {
  const std::uint64_t wide = key | static_cast<std::uint64_t>(key) << 32;
  std::size_t i = 0;
  for (; i + 8 <= size; i += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, text + i, 8);
    word ^= wide;
    std::memcpy(text + i, &word, 8);
  }
  for (; i < size; ++i)
    text[i] = static_cast<char>(byte_of(text[i]) ^ (key >> (8 * (i % 4)) & 255));
}

void append_header(std::string& out, Opcode opcode, std::size_t size, std::uint8_t mask_bit) {
  std::array<char, 10> header;
  std::size_t length = 0;
  const auto add = [&](std::size_t value) { header[length++] = static_cast<char>(value); };
  add(kFinal | static_cast<std::uint8_t>(opcode));
  int size_bytes = 0;
  if (size < 126) {
    add(mask_bit | size);
  } else if (size < 65536) {
    add(mask_bit | 126u);
    size_bytes = 2;
  } else {
    add(mask_bit | 127u);
    size_bytes = 8;
  }
  while (size_bytes-- > 0) add(size >> (8 * size_bytes) & 255);
  out.append(header.data(), length);
}

// The RFC wants masks to differ; here nobody has to be unable to guess them.
std::uint32_t next_mask() {
  static std::uint32_t state = 2'463'534'242;
  state ^= state << 13;
  state ^= state >> 17;
  state ^= state << 5;
  return state;
}

}  // namespace

std::optional<Frame> take_frame(char*& begin, char* end) {
  const auto have = static_cast<std::size_t>(end - begin);
  if (have < 2) return std::nullopt;
  const bool is_masked = (byte_of(begin[1]) & kMasked) != 0;
  std::uint64_t size = byte_of(begin[1]) & 0x7f;
  const std::size_t size_bytes = size == 126 ? 2 : size == 127 ? 8 : 0;
  const std::size_t header = 2 + size_bytes + (is_masked ? 4 : 0);
  if (have < header) return std::nullopt;
  if (size_bytes != 0) size = 0;
  for (std::size_t i = 0; i < size_bytes; ++i) size = size << 8 | byte_of(begin[2 + i]);
  if (have - header < size) return std::nullopt;
  char* payload = begin + header;
  if (is_masked) {
    std::uint32_t key = 0;
    std::memcpy(&key, payload - 4, 4);
    apply_mask(payload, size, key);
  }
  const Frame frame{.opcode = static_cast<Opcode>(byte_of(begin[0]) & 0x0f),
                    .is_final = (byte_of(begin[0]) & kFinal) != 0,
                    .payload = {payload, size}};
  begin = payload + size;
  return frame;
}

void append_frame(std::string& out, std::initializer_list<std::string_view> parts) {
  std::size_t size = 0;
  for (const std::string_view part : parts) size += part.size();
  append_header(out, Opcode::kText, size, 0);
  for (const std::string_view part : parts) out += part;
}

void append_masked_frame(std::string& out, Opcode opcode, std::string_view payload) {
  append_header(out, opcode, payload.size(), kMasked);
  const std::uint32_t key = next_mask();
  std::array<char, 4> bytes;
  std::memcpy(bytes.data(), &key, 4);
  out.append(bytes.data(), 4);
  const std::size_t start = out.size();
  out += payload;
  apply_mask(out.data() + start, payload.size(), key);
}

std::string upgrade_request(std::uint16_t port, std::string_view path) {
  return "GET " + std::string(path) + " HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(port) +
         "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
         "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
}

std::string upgrade_response(std::string_view accept) {
  return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
         "Sec-WebSocket-Accept: " +
         std::string(accept) + "\r\n\r\n";
}

}  // namespace bench::ws
