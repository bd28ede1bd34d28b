// h3_stream_head.hpp: what a stream that the peer has opened is.
#pragma once

#include <cstdint>
#include <string_view>

#include "net/webtransport/h3_names.hpp"
#include "net/webtransport/quic_varint.hpp"

namespace capnweb {

// Reads the one or two numbers at the front of a stream, split anywhere.
class H3StreamHead {
 public:
  enum class Kind : std::uint8_t {
    kUnfinished,
    kControl,
    kPush,
    kQpackEncoder,
    kQpackDecoder,
    kWebTransport,  // of session_id()
    kRequest,       // bidirectional; first_frame() is the type of its first frame
    kUnknown,       // to be ignored
  };

  explicit H3StreamHead(bool is_bidirectional) noexcept : is_bidirectional_(is_bidirectional) {}

  // Takes the head from the front of `input`; what is left belongs to the stream's content.
  Kind feed(std::string_view& input) noexcept;

  std::int64_t session_id() const noexcept { return session_id_; }
  std::uint64_t first_frame() const noexcept { return type_; }

 private:
  Kind kind_of_type() const noexcept;

  const bool is_bidirectional_;
  bool has_type_ = false;
  Kind kind_ = Kind::kUnfinished;
  VarintReader number_;
  std::uint64_t type_ = 0;
  std::int64_t session_id_ = 0;
};

// Whether a number can be that of a session: its CONNECT stream is the client's and bidirectional.
constexpr bool is_session_id(std::int64_t id) noexcept { return id % 4 == 0; }

// Appends the head of a bidirectional stream of ours.
void append_wt_stream_head(std::string& out, std::int64_t session_id);

}  // namespace capnweb
