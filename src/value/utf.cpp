#include "value/utf.hpp"

#include <algorithm>

#include "value/text_scan.hpp"

namespace capnweb {
namespace {

std::uint32_t byte(const char* p) { return static_cast<unsigned char>(*p); }
bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

}  // namespace

CodePoint decode_wtf8(const char* p, const char* end) noexcept {
  if (p == end) return {};
  const std::uint32_t first = byte(p);
  if (first < 0x80) return {first, 1};
  const auto left = end - p;
  if (left < 2 || !is_continuation(p[1])) return {};
  if (first >= 0xC2 && first <= 0xDF) return {((first & 0x1F) << 6) | (byte(p + 1) & 0x3F), 2};
  if (left < 3 || !is_continuation(p[2])) return {};
  if ((first & 0xF0) == 0xE0) {
    const std::uint32_t value =
        ((first & 0xF) << 12) | ((byte(p + 1) & 0x3F) << 6) | (byte(p + 2) & 0x3F);
    return value >= 0x800 ? CodePoint{value, 3} : CodePoint{};
  }
  if (left < 4 || !is_continuation(p[3]) || (first & 0xF8) != 0xF0) return {};
  const std::uint32_t value = ((first & 7) << 18) | ((byte(p + 1) & 0x3F) << 12) |
                              ((byte(p + 2) & 0x3F) << 6) | (byte(p + 3) & 0x3F);
  return value >= 0x10000 && value <= 0x10FFFF ? CodePoint{value, 4} : CodePoint{};
}

char* encode_wtf8(std::uint32_t code_point, char* out) noexcept {
  const auto put = [&out](std::uint32_t value) { *out++ = static_cast<char>(value); };
  if (code_point < 0x80) {
    put(code_point);
  } else if (code_point < 0x800) {
    put(0xC0 | (code_point >> 6));
    put(0x80 | (code_point & 0x3F));
  } else if (code_point < 0x10000) {
    put(0xE0 | (code_point >> 12));
    put(0x80 | ((code_point >> 6) & 0x3F));
    put(0x80 | (code_point & 0x3F));
  } else {
    put(0xF0 | (code_point >> 18));
    put(0x80 | ((code_point >> 12) & 0x3F));
    put(0x80 | ((code_point >> 6) & 0x3F));
    put(0x80 | (code_point & 0x3F));
  }
  return out;
}

const char* skip_non_ascii(const char* p, const char* end) noexcept {
  // Four bytes at a time, first byte lowest, while there are four.
  while (end - p >= 4) {
    const std::uint32_t word =
        byte(p) | (byte(p + 1) << 8) | (byte(p + 2) << 16) | (byte(p + 3) << 24);
    if ((word & 0x00C0C0F0) == 0x008080E0) {
      // Neither a longer form than needed (E0 80..9F) nor a surrogate (ED A0..BF).
      const std::uint32_t start = word & 0x200F;
      if (start == 0 || start == 0x200D) return p;
      p += 3;
    } else if ((word & 0xC0E0) == 0x80C0) {
      if ((word & 0x1E) == 0) return p;
      p += 2;
    } else if ((word & 0xC0C0C0F8) == 0x808080F0) {
      // From F0 90, as less would be too long a form, to F4 8F, the last code point.
      const std::uint32_t start = ((word & 7) << 2) | ((word >> 12) & 3);
      if (start == 0 || start > 16) return p;
      p += 4;
    } else {
      return p;
    }
  }
  while (p != end && byte(p) >= 0x80) {
    const CodePoint next = decode_wtf8(p, end);
    if (next.size == 0 || is_surrogate(next.value)) break;
    p += next.size;
  }
  return p;
}

bool is_valid_utf8(std::string_view text) noexcept {
  const char* const end = text.data() + text.size();
  const char* p = text.data();
  while (p != end) {
    p = skip_non_ascii(find_non_ascii(p, end), end);
    if (p != end && byte(p) >= 0x80) return false;
  }
  return true;
}

bool is_valid_wtf8(std::string_view text) noexcept {
  const char* const end = text.data() + text.size();
  bool after_high = false;
  for (const char* p = text.data(); p != end;) {
    const CodePoint next = decode_wtf8(p, end);
    // A pair of surrogates has to stand joined.
    if (next.size == 0 || (after_high && is_low_surrogate(next.value))) return false;
    after_high = is_high_surrogate(next.value);
    p += next.size;
  }
  return true;
}

std::size_t utf16_length(std::string_view text) noexcept {
  const char* p = text.data();
  const char* const end = p + text.size();
  std::size_t units = scan::count_utf16_units_in_blocks(p, end);
  for (; p != end; ++p) {
    units += !is_continuation(*p);
    units += byte(p) >= 0xF0;  // outside the first plane: a pair of surrogates
  }
  return units;
}

std::string_view clip_bytes(std::string_view text, std::size_t bytes) noexcept {
  if (text.size() <= bytes) return text;
  // A character has at most three continuation bytes; more are no characters at all.
  std::size_t cut = bytes;
  for (int i = 0; i < 3 && cut > 0 && is_continuation(text[cut]); ++i) --cut;
  return text.substr(0, is_continuation(text[cut]) ? bytes : cut);
}

std::string_view clip_utf16(std::string_view text, std::size_t units) noexcept {
  std::size_t at = 0;
  while (at < text.size()) {
    std::size_t next = at + 1;
    while (next < text.size() && is_continuation(text[next])) ++next;
    const std::size_t size = utf16_length(text.substr(at, next - at));
    if (size > units) break;
    units -= size;
    at = next;
  }
  return text.substr(0, at);
}

void append_as_utf8(std::string& out, std::string_view text, std::size_t bytes) {
  static constexpr std::string_view kReplacement = "\xEF\xBF\xBD";
  const std::size_t most = out.size() + bytes;
  // Each character, or each byte that is none, adds at least one byte: no need to look further.
  const char* p = text.data();
  const char* const end = p + std::min(text.size(), 4 * bytes);
  while (p != end) {
    const CodePoint next = decode_wtf8(p, end);
    const bool is_character = next.size != 0 && !is_surrogate(next.value);
    const std::string_view piece = is_character ? std::string_view(p, next.size) : kReplacement;
    if (out.size() + piece.size() > most) break;
    out += piece;
    p += std::max(next.size, std::uint32_t{1});
  }
}

}  // namespace capnweb
