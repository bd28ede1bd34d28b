#include "net/webtransport/h3_stream_head.hpp"

#include <string>

namespace capnweb {

H3StreamHead::Kind H3StreamHead::feed(std::string_view& input) noexcept {
  if (kind_ != Kind::kUnfinished) return kind_;
  if (!has_type_) {
    if (!number_.feed(input)) return Kind::kUnfinished;
    type_ = number_.take();
    has_type_ = true;
  }
  const Kind kind = kind_of_type();
  if (kind == Kind::kWebTransport) {
    if (!number_.feed(input)) return Kind::kUnfinished;
    session_id_ = static_cast<std::int64_t>(number_.take());
  }
  return kind_ = kind;
}

H3StreamHead::Kind H3StreamHead::kind_of_type() const noexcept {
  if (is_bidirectional_) return type_ == kWtBidiStream ? Kind::kWebTransport : Kind::kRequest;
  switch (type_) {
    case kH3ControlStream:
      return Kind::kControl;
    case kH3PushStream:
      return Kind::kPush;
    case kQpackEncoderStream:
      return Kind::kQpackEncoder;
    case kQpackDecoderStream:
      return Kind::kQpackDecoder;
    case kWtUniStream:
      return Kind::kWebTransport;
    default:
      return Kind::kUnknown;
  }
}

void append_wt_stream_head(std::string& out, std::int64_t session_id) {
  append_varint(out, kWtBidiStream);
  append_varint(out, static_cast<std::uint64_t>(session_id));
}

}  // namespace capnweb
