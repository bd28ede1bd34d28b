// wt_line_reader.hpp: messages out of a byte stream, a line each.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "net/utf8_stream.hpp"

namespace capnweb {

struct WtLineEvent {
  enum class Kind : std::uint8_t {
    kNone,  // nothing yet: all bytes are used up
    kLine,  // `line` is a whole message, valid UTF-8, without its end
    kTooLong,
    kNotUtf8,
  };
  Kind kind = Kind::kNone;
  std::string_view line = {};  // valid until the next call, and as long as the bytes fed
};

// Every line ends with "\n", also the last one; empty ones say nothing. A line that lies in the
// input whole is given as a view of it; only what is cut is kept.
class WtLineReader {
 public:
  explicit WtLineReader(std::size_t max_line) noexcept : max_line_(max_line) {}

  // Takes bytes from the front of `input`, up to the end of the next line. After kTooLong and
  // kNotUtf8 everything is swallowed.
  WtLineEvent next(std::string_view& input);

  // Swallows everything from now on.
  void skip() noexcept;

  // Bytes that are held of an unfinished line.
  std::size_t buffered() const noexcept { return held_is_given_ ? 0 : held_.size(); }

 private:
  WtLineEvent check(std::string_view piece, std::size_t size) noexcept;
  WtLineEvent fail(WtLineEvent::Kind kind) noexcept;

  const std::size_t max_line_;
  std::string held_;
  bool held_is_given_ = false;
  bool is_over_ = false;
  Utf8Stream utf8_;
};

}  // namespace capnweb
