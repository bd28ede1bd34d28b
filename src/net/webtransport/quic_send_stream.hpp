// quic_send_stream.hpp: what one stream has to send, until the peer has it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <string_view>

namespace capnweb {

// Bytes stay where they are, as long as a packet may have to be sent again.
class QuicSendStream {
 public:
  void push(std::string bytes);
  void finish() noexcept { is_finished_ = true; }

  // Not yet in a packet.
  std::size_t unsent() const noexcept { return end_ - sent_; }
  bool wants_to_send() const noexcept { return unsent() > 0 || (is_finished_ && !end_is_sent_); }

  // As many of the next bytes as fit into `pieces`. Returns how many pieces those are; `is_end`:
  // the stream ends behind them.
  std::size_t gather(std::span<std::string_view> pieces, bool& is_end) const noexcept;
  // A packet has taken that many, and the end if `has_end`.
  void sent(std::size_t bytes, bool has_end) noexcept;
  // The peer has that many more. Whether it now has all, up to the end.
  bool acknowledged(std::uint64_t bytes) noexcept;

  // Nothing more will be sent. What a packet has taken stays until this is destroyed.
  void clear() noexcept;

 private:
  std::deque<std::string> chunks_;
  std::size_t next_ = 0;         // the chunk that is sent next
  std::size_t next_offset_ = 0;  // within it
  std::uint64_t begin_ = 0;      // of chunks_, in the stream
  std::uint64_t acknowledged_ = 0;
  std::uint64_t sent_ = 0;
  std::uint64_t end_ = 0;
  bool is_finished_ = false;
  bool end_is_sent_ = false;
};

}  // namespace capnweb
