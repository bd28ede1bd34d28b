// utf.hpp: text in UTF-8, and in WTF-8, its superset that can also hold lone surrogates (V-4).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace capnweb {

inline constexpr bool is_high_surrogate(std::uint32_t unit) { return (unit & ~0x3FFu) == 0xD800; }
inline constexpr bool is_low_surrogate(std::uint32_t unit) { return (unit & ~0x3FFu) == 0xDC00; }
inline constexpr bool is_surrogate(std::uint32_t unit) { return (unit & ~0x7FFu) == 0xD800; }

// The code point of a surrogate pair.
inline constexpr std::uint32_t join_surrogates(std::uint32_t high, std::uint32_t low) {
  return 0x10000 + ((high & 0x3FF) << 10) + (low & 0x3FF);
}

// A code point as it stands in WTF-8 text; `size` is 0 where there is none.
struct CodePoint {
  std::uint32_t value = 0;
  std::uint32_t size = 0;
};

// The code point at `p`, which may be a surrogate.
CodePoint decode_wtf8(const char* p, const char* end) noexcept;

// Writes a code point, possibly a surrogate, in one to four bytes; returns the end.
char* encode_wtf8(std::uint32_t code_point, char* out) noexcept;

// Skips non-ASCII characters at `p`; returns the first byte that is ASCII, or the end, or a byte
// that is not ASCII and begins no character of UTF-8.
const char* skip_non_ascii(const char* p, const char* end) noexcept;

bool is_valid_utf8(std::string_view text) noexcept;
bool is_valid_wtf8(std::string_view text) noexcept;

// How many UTF-16 code units JavaScript counts in a text (L-1). Every byte that is no continuation
// counts, so the length of text that is not UTF-8 is no more than its bytes.
std::size_t utf16_length(std::string_view text) noexcept;

// The longest beginning of `text` that has at most `bytes` bytes, or `units` UTF-16 code units, and
// cuts no character in two.
std::string_view clip_bytes(std::string_view text, std::size_t bytes) noexcept;
std::string_view clip_utf16(std::string_view text, std::size_t units) noexcept;

// Appends at most `bytes` bytes of `text`, whole characters of UTF-8 only; U+FFFD stands for each
// byte and surrogate that is none.
void append_as_utf8(std::string& out, std::string_view text, std::size_t bytes);

}  // namespace capnweb
