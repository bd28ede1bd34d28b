// utf8_stream.hpp: whether text that comes in pieces is UTF-8.
#pragma once

#include <cstdint>
#include <string_view>

namespace capnweb {

// A character may be cut anywhere between two pieces. What can no longer become UTF-8 is noticed at
// its first wrong byte.
class Utf8Stream {
 public:
  // False if the text is not UTF-8, whatever follows. Then only reset() is of use.
  bool feed(std::string_view piece) noexcept;

  // Whether the text could end here.
  bool is_complete() const noexcept { return needed_ == 0; }

  void reset() noexcept { needed_ = 0; }

 private:
  bool begin_character(unsigned char lead) noexcept;
  bool take_continuation(unsigned char byte) noexcept;

  std::uint8_t needed_ = 0;  // continuation bytes that must follow
  std::uint8_t lowest_ = 0x80;
  std::uint8_t highest_ = 0xBF;
};

}  // namespace capnweb
