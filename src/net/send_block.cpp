#include "net/send_block.hpp"

#include <algorithm>
#include <utility>

#include "net/buffers.hpp"

namespace capnweb {

namespace {

// Small blocks are joined up to this one.
constexpr std::size_t kJoined = 64 * 1024;

}  // namespace

void SendBlock::cover_small() {
  if (small_.size() == covered_) return;
  pieces_.push_back({false, covered_, small_.size() - covered_});
  size_ += small_.size() - covered_;
  covered_ = small_.size();
}

void SendBlock::add_large(std::size_t begin, std::size_t size) {
  cover_small();
  pieces_.push_back({true, begin, size});
  size_ += size;
}

void SendBlock::seal() { cover_small(); }

std::size_t SendBlock::first_large() const noexcept {
  for (std::size_t i = next_; i < pieces_.size(); ++i)
    if (pieces_[i].is_large) return pieces_[i].size;
  return 0;
}

std::size_t SendBlock::gather(std::span<std::string_view> pieces) const noexcept {
  const std::size_t count = std::min(pieces.size(), pieces_.size() - next_);
  for (std::size_t i = 0; i < count; ++i) {
    const Piece& piece = pieces_[next_ + i];
    const std::string& bytes = piece.is_large ? large_ : small_;
    pieces[i] = std::string_view(bytes.data() + piece.begin, piece.size);
  }
  return count;
}

void SendBlock::consume(std::size_t bytes) noexcept {
  size_ -= bytes;
  while (bytes > 0) {
    Piece& piece = pieces_[next_];
    const std::size_t part = std::min(bytes, piece.size);
    piece.begin += part;
    piece.size -= part;
    bytes -= part;
    if (piece.size == 0) ++next_;
  }
}

void SendBlock::append(const SendBlock& block) {
  for (std::size_t i = block.next_; i < block.pieces_.size(); ++i) {
    const Piece& small = block.pieces_[i];
    small_.append(block.small_, small.begin, small.size);
  }
  cover_small();
}

void SendBlock::clear() noexcept {
  for (std::string* buffer : {&small_, &large_}) clear_buffer(*buffer, kKeptBuffer);
  pieces_.clear();
  covered_ = next_ = size_ = 0;
}

std::size_t SendQueue::size_without_first_message() const noexcept {
  for (std::size_t i = next_; i < blocks_.size(); ++i)
    if (const std::size_t first = blocks_[i].first_large()) return size_ - first;
  return size_;
}

void SendQueue::push(SendBlock&& block) {
  size_ += block.size();
  if (next_ < blocks_.size()) {
    SendBlock& last = blocks_.back();
    if (last.is_all_small() && block.is_all_small() && last.size() + block.size() <= kJoined)
      return last.append(block);
  }
  blocks_.push_back(std::move(block));
}

std::size_t SendQueue::gather(std::span<std::string_view> pieces) const noexcept {
  std::size_t count = 0;
  for (std::size_t i = next_; i < blocks_.size() && count < pieces.size(); ++i)
    count += blocks_[i].gather(pieces.subspan(count));
  return count;
}

void SendQueue::consume(std::size_t bytes) noexcept {
  size_ -= bytes;
  while (bytes > 0) {
    SendBlock& block = blocks_[next_];
    const std::size_t part = std::min(bytes, block.size());
    block.consume(part);
    bytes -= part;
    if (!block.empty()) continue;
    block = SendBlock();
    ++next_;
  }
  if (size_ == 0) {
    clear();
  } else if (next_ > 32) {
    blocks_.erase(blocks_.begin(), blocks_.begin() + static_cast<std::ptrdiff_t>(next_));
    next_ = 0;
  }
}

void SendQueue::clear() noexcept {
  blocks_ = std::vector<SendBlock>();
  next_ = size_ = 0;
}

}  // namespace capnweb
