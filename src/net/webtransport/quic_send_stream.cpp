#include "net/webtransport/quic_send_stream.hpp"

#include <utility>

namespace capnweb {
namespace {

// Small pieces are joined: a chunk each would cost more than it holds.
constexpr std::size_t kJoin = 4 * 1024;

}  // namespace

void QuicSendStream::push(std::string bytes) {
  if (bytes.empty() || is_finished_) return;
  end_ += bytes.size();
  // Packets point into what has been sent; only a chunk that is untouched may grow.
  const bool is_untouched = !chunks_.empty() && next_ + 1 <= chunks_.size() &&
                            (next_ + 1 < chunks_.size() || next_offset_ == 0);
  if (is_untouched && chunks_.back().size() + bytes.size() <= kJoin)
    chunks_.back() += bytes;
  else
    chunks_.push_back(std::move(bytes));
}

std::size_t QuicSendStream::gather(std::span<std::string_view> pieces,
                                   bool& is_end) const noexcept {
  std::size_t count = 0;
  std::size_t offset = next_offset_;
  std::size_t chunk = next_;
  for (; chunk < chunks_.size() && count < pieces.size(); ++chunk) {
    pieces[count++] = std::string_view(chunks_[chunk]).substr(offset);
    offset = 0;
  }
  is_end = is_finished_ && chunk == chunks_.size();
  return count;
}

void QuicSendStream::sent(std::size_t bytes, bool has_end) noexcept {
  sent_ += bytes;
  end_is_sent_ = end_is_sent_ || has_end;
  next_offset_ += bytes;
  while (next_ < chunks_.size() && next_offset_ >= chunks_[next_].size()) {
    next_offset_ -= chunks_[next_].size();
    ++next_;
  }
}

bool QuicSendStream::acknowledged(std::uint64_t bytes) noexcept {
  acknowledged_ += bytes;
  while (next_ > 0 && begin_ + chunks_.front().size() <= acknowledged_) {
    begin_ += chunks_.front().size();
    chunks_.pop_front();
    --next_;
  }
  return end_is_sent_ && acknowledged_ == end_;
}

void QuicSendStream::clear() noexcept {
  const std::size_t kept = next_offset_ > 0 ? next_ + 1 : next_;
  while (chunks_.size() > kept) chunks_.pop_back();
  next_ = kept;
  next_offset_ = 0;
  sent_ = end_;
  end_is_sent_ = is_finished_ = true;
}

}  // namespace capnweb
