// wt_capsule_reader.hpp: capsules out of the body of a session's CONNECT stream (RFC 9297).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "net/webtransport/h3_names.hpp"
#include "net/webtransport/quic_varint.hpp"

namespace capnweb {

struct WtCapsuleEvent {
  enum class Kind : std::uint8_t { kNone, kClose, kDrain, kError };
  Kind kind = Kind::kNone;
  std::uint32_t code = 0;        // of kClose
  std::string_view reason = {};  // of kClose: UTF-8; valid until the next call
  H3Error error = {};
};

// Holds a close capsule at most; all others are skipped uncopied, however long they are.
class WtCapsuleReader {
 public:
  static constexpr std::size_t kMaxReason = 1024;

  // Takes bytes from the front of `input`, up to the end of the next event.
  WtCapsuleEvent next(std::string_view& input);

 private:
  enum class Stage : std::uint8_t { kType, kLength, kClose, kSkip, kOver };

  WtCapsuleEvent begin_payload() noexcept;
  WtCapsuleEvent finish_close() noexcept;
  WtCapsuleEvent fail(std::string_view why) noexcept;

  Stage stage_ = Stage::kType;
  VarintReader number_;
  std::uint64_t type_ = 0;
  std::uint64_t left_ = 0;
  std::string close_;
};

// Appends a DATA frame with a close capsule: the reason is cut to what fits, between characters,
// and what is no UTF-8 in it is replaced.
void append_wt_close(std::string& out, std::uint32_t code, std::string_view reason);

}  // namespace capnweb
