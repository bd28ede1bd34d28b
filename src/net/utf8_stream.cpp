#include "net/utf8_stream.hpp"

#include "value/text_scan.hpp"
#include "value/utf.hpp"

namespace capnweb {

// Sets what may follow a lead byte. The bounds of the second byte keep out overlong forms,
// surrogates and what lies beyond U+10FFFF.
bool Utf8Stream::begin_character(unsigned char lead) noexcept {
  lowest_ = 0x80;
  highest_ = 0xBF;
  if (lead >= 0xC2 && lead <= 0xDF) {
    needed_ = 1;
  } else if ((lead & 0xF0) == 0xE0) {
    needed_ = 2;
    if (lead == 0xE0) lowest_ = 0xA0;
    if (lead == 0xED) highest_ = 0x9F;
  } else if (lead >= 0xF0 && lead <= 0xF4) {
    needed_ = 3;
    if (lead == 0xF0) lowest_ = 0x90;
    if (lead == 0xF4) highest_ = 0x8F;
  } else {
    return false;
  }
  return true;
}

bool Utf8Stream::take_continuation(unsigned char byte) noexcept {
  if (byte < lowest_ || byte > highest_) return false;
  lowest_ = 0x80;
  highest_ = 0xBF;
  --needed_;
  return true;
}

bool Utf8Stream::feed(std::string_view piece) noexcept {
  const char* p = piece.data();
  const char* const end = p + piece.size();
  for (;;) {
    while (needed_ > 0 && p != end)
      if (!take_continuation(static_cast<unsigned char>(*p++))) return false;
    p = find_non_ascii(p, end);
    p = skip_non_ascii(p, end);
    if (p == end) return true;
    // Another stretch of ASCII, or a character that is cut here, or none at all.
    const auto byte = static_cast<unsigned char>(*p);
    if (byte < 0x80) continue;
    if (!begin_character(byte)) return false;
    ++p;
  }
}

}  // namespace capnweb
