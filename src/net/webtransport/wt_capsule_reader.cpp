#include "net/webtransport/wt_capsule_reader.hpp"

#include <algorithm>

#include "net/webtransport/h3_frame_reader.hpp"
#include "value/utf.hpp"

namespace capnweb {
namespace {

using Kind = WtCapsuleEvent::Kind;

constexpr std::size_t kCodeSize = 4;

}  // namespace

WtCapsuleEvent WtCapsuleReader::next(std::string_view& input) {
  for (;;) {
    switch (stage_) {
      case Stage::kType:
        if (!number_.feed(input)) return {};
        type_ = number_.take();
        stage_ = Stage::kLength;
        break;
      case Stage::kLength: {
        if (!number_.feed(input)) return {};
        left_ = number_.take();
        const WtCapsuleEvent event = begin_payload();
        if (event.kind != Kind::kNone) return event;
        break;
      }
      case Stage::kClose:
      case Stage::kSkip: {
        const std::string_view piece =
            input.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(left_, input.size())));
        input.remove_prefix(piece.size());
        left_ -= piece.size();
        if (stage_ == Stage::kClose) close_ += piece;
        if (left_ > 0) return {};
        if (stage_ == Stage::kClose) return finish_close();
        stage_ = Stage::kType;
        break;
      }
      case Stage::kOver:
        input = {};
        return {};
    }
  }
}

WtCapsuleEvent WtCapsuleReader::begin_payload() noexcept {
  stage_ = Stage::kSkip;
  if (type_ == kWtDrainCapsule && left_ == 0) {
    stage_ = Stage::kType;
    return {.kind = Kind::kDrain};
  }
  if (type_ != kWtCloseCapsule) return {};
  if (left_ < kCodeSize) return fail("a close capsule without a code");
  if (left_ > kCodeSize + kMaxReason) return fail("a close reason of more than 1024 bytes");
  stage_ = Stage::kClose;
  return {};
}

WtCapsuleEvent WtCapsuleReader::finish_close() noexcept {
  const std::string_view reason = std::string_view(close_).substr(kCodeSize);
  if (!is_valid_utf8(reason)) return fail("a close reason that is not UTF-8");
  stage_ = Stage::kOver;
  std::uint32_t code = 0;
  for (std::size_t i = 0; i < kCodeSize; ++i)
    code = code << 8 | static_cast<unsigned char>(close_[i]);
  return {.kind = Kind::kClose, .code = code, .reason = reason};
}

WtCapsuleEvent WtCapsuleReader::fail(std::string_view why) noexcept {
  stage_ = Stage::kOver;
  return {.kind = Kind::kError, .error = {H3Code::kMessageError, why}};
}

void append_wt_close(std::string& out, std::uint32_t code, std::string_view reason) {
  std::string payload;
  for (int shift = 24; shift >= 0; shift -= 8) payload += static_cast<char>(code >> shift & 0xFF);
  append_as_utf8(payload, reason, WtCapsuleReader::kMaxReason);
  std::string capsule;
  append_varint(capsule, kWtCloseCapsule);
  append_varint(capsule, payload.size());
  capsule += payload;
  append_h3_frame_head(out, H3Frame::kData, capsule.size());
  out += capsule;
}

}  // namespace capnweb
