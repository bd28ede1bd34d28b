#include "net/webtransport/h3_frame_reader.hpp"

#include <algorithm>

#include "net/buffers.hpp"

namespace capnweb {
namespace {

using Kind = H3FrameEvent::Kind;

constexpr std::uint64_t number(H3Frame frame) noexcept { return static_cast<std::uint64_t>(frame); }

}  // namespace

void H3FrameReader::begin_with(std::uint64_t type) noexcept {
  type_ = type;
  stage_ = Stage::kLength;
}

H3FrameEvent H3FrameReader::next(std::string_view& input) {
  for (;;) {
    switch (stage_) {
      case Stage::kType:
        kept_.clear();
        if (!number_.feed(input)) return {};
        begin_with(number_.take());
        break;
      case Stage::kLength:
        if (const char* why = check_type()) return fail(H3Code::kFrameUnexpected, why);
        if (stream_ == Stream::kControl && !has_first_ && type_ != number(H3Frame::kSettings))
          return fail(H3Code::kMissingSettings, "the control stream must begin with SETTINGS");
        if (!number_.feed(input)) return {};
        left_ = number_.take();
        if (is_kept() && left_ > kMaxFrame)
          return fail(H3Code::kExcessiveLoad, "a header or settings frame is larger than 16 KiB");
        has_first_ = has_first_ || is_kept();
        stage_ = is_kept() || type_ == number(H3Frame::kData) ? Stage::kPayload : Stage::kSkip;
        break;
      case Stage::kPayload: {
        const H3FrameEvent event = take_payload(input);
        if (event.kind != Kind::kNone) return event;
        if (stage_ == Stage::kPayload) return {};
        break;
      }
      case Stage::kSkip: {
        const std::size_t size =
            static_cast<std::size_t>(std::min<std::uint64_t>(left_, input.size()));
        input.remove_prefix(size);
        left_ -= size;
        if (left_ > 0) return {};
        stage_ = Stage::kType;
        break;
      }
      case Stage::kOver:
        input = {};
        return {};
    }
  }
}

// What must not stand here, or null.
const char* H3FrameReader::check_type() noexcept {
  switch (type_) {
    case number(H3Frame::kData):
      if (stream_ == Stream::kControl) return "DATA on the control stream";
      return has_first_ ? nullptr : "DATA before HEADERS";
    case number(H3Frame::kHeaders):
      return stream_ == Stream::kControl ? "HEADERS on the control stream" : nullptr;
    case number(H3Frame::kSettings):
      if (stream_ == Stream::kRequest) return "SETTINGS on a request stream";
      return has_first_ ? "SETTINGS twice" : nullptr;
    case number(H3Frame::kCancelPush):
    case number(H3Frame::kGoaway):
    case number(H3Frame::kMaxPushId):
      return stream_ == Stream::kRequest ? "a frame of the control stream on a request" : nullptr;
    case number(H3Frame::kPushPromise):
      return "PUSH_PROMISE, which nobody has asked for";
    case 0x02:
    case 0x06:
    case 0x08:
    case 0x09:
      return "a frame of HTTP/2";
    default:
      return nullptr;
  }
}

bool H3FrameReader::is_kept() const noexcept {
  return type_ == number(H3Frame::kHeaders) || type_ == number(H3Frame::kSettings) ||
         type_ == number(H3Frame::kGoaway);
}

H3FrameEvent H3FrameReader::take_payload(std::string_view& input) {
  const std::string_view piece =
      input.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(left_, input.size())));
  input.remove_prefix(piece.size());
  left_ -= piece.size();
  if (!is_kept()) {
    if (left_ == 0) stage_ = Stage::kType;
    return piece.empty() ? H3FrameEvent{} : H3FrameEvent{.kind = Kind::kData, .payload = piece};
  }
  kept_ += piece;
  if (left_ > 0) return {};
  stage_ = Stage::kType;
  return finish_frame();
}

H3FrameEvent H3FrameReader::finish_frame() noexcept {
  Kind kind = Kind::kGoaway;
  if (type_ == number(H3Frame::kHeaders)) kind = Kind::kHeaders;
  if (type_ == number(H3Frame::kSettings)) kind = Kind::kSettings;
  return {.kind = kind, .payload = kept_};
}

H3FrameEvent H3FrameReader::fail(H3Code code, std::string_view why) noexcept {
  stage_ = Stage::kOver;
  let_go(kept_);
  return {.kind = Kind::kError, .error = {code, why}};
}

void append_h3_frame_head(std::string& out, H3Frame type, std::uint64_t payload_size) {
  append_varint(out, number(type));
  append_varint(out, payload_size);
}

}  // namespace capnweb
