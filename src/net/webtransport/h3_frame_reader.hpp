// h3_frame_reader.hpp: HTTP/3 frames out of the bytes of a stream.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "net/webtransport/h3_names.hpp"
#include "net/webtransport/quic_varint.hpp"

namespace capnweb {

struct H3FrameEvent {
  enum class Kind : std::uint8_t {
    kNone,      // nothing yet: all bytes are used up
    kHeaders,   // `payload` is a whole field section
    kData,      // `payload` is a piece of the body
    kSettings,  // `payload` is all of it
    kGoaway,
    kError,  // the connection cannot go on
  };
  Kind kind = Kind::kNone;
  std::string_view payload = {};  // valid until the next call, and as long as the bytes fed
  H3Error error = {};
};

// Reads frames from pieces of any size. Holds one header or settings frame at most, which is
// bounded; bodies are passed on as they come, and what is not known is skipped uncopied.
class H3FrameReader {
 public:
  enum class Stream : std::uint8_t { kControl, kRequest };
  static constexpr std::size_t kMaxFrame = 16 * 1024;

  explicit H3FrameReader(Stream stream) noexcept : stream_(stream) {}

  // The first frame's type, where it has been read already to tell what the stream is.
  void begin_with(std::uint64_t type) noexcept;

  // Takes bytes from the front of `input`, up to the end of the next event. After kError everything
  // is swallowed.
  H3FrameEvent next(std::string_view& input);

  // Whether a stream could end here.
  bool is_between_frames() const noexcept { return stage_ == Stage::kType && !number_.is_inside(); }

 private:
  enum class Stage : std::uint8_t { kType, kLength, kPayload, kSkip, kOver };

  const char* check_type() noexcept;
  bool is_kept() const noexcept;
  H3FrameEvent take_payload(std::string_view& input);
  H3FrameEvent finish_frame() noexcept;
  H3FrameEvent fail(H3Code code, std::string_view why) noexcept;

  const Stream stream_;
  Stage stage_ = Stage::kType;
  VarintReader number_;
  std::uint64_t type_ = 0;
  std::uint64_t left_ = 0;
  bool has_first_ = false;  // the settings of a control stream, the headers of a request
  std::string kept_;
};

// Appends the head of a frame; its payload follows.
void append_h3_frame_head(std::string& out, H3Frame type, std::uint64_t payload_size);

}  // namespace capnweb
