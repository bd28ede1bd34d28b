// websocket.hpp: RFC 6455 as far as two honest programs on one machine need it: whole text frames
// without extensions. Written anew, so that nothing measured here is measured with itself.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

namespace bench::ws {

enum class Opcode : std::uint8_t {
  kContinuation = 0,
  kText = 1,
  kClose = 8,
  kPing = 9,
  kPong = 10
};

struct Frame {
  Opcode opcode = Opcode::kText;
  bool is_final = true;
  std::string_view payload;
};

// Takes one whole frame off the front, unmasked in place; nothing when more bytes are needed.
std::optional<Frame> take_frame(char*& begin, char* end);

// A server's text frame, whose payload is the concatenation of `parts`.
void append_frame(std::string& out, std::initializer_list<std::string_view> parts);

// A client's frame: masked.
void append_masked_frame(std::string& out, Opcode opcode, std::string_view payload);

// The client always sends the key of the RFC's example, and so expects that example's answer.
std::string upgrade_request(std::uint16_t port, std::string_view path);
inline constexpr std::string_view kAcceptOfExample = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";
std::string upgrade_response(std::string_view accept);

}  // namespace bench::ws
