// send_block.hpp: bytes on their way to a socket.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace capnweb {

// Output of one turn: small things copied together, large ones where they are, so that one system
// call sends it all.
class SendBlock {
 public:
  // Bytes appended here go out in their place.
  std::string& small() noexcept { return small_; }
  // Sends a part of large() behind what is there.
  void add_large(std::size_t begin, std::size_t size);
  // REQUIRES: filled by the time the block leaves.
  std::string& large() noexcept { return large_; }
  // REQUIRED before what follows. Nothing is added any more.
  void seal();

  bool empty() const noexcept { return size_ == 0; }
  std::size_t size() const noexcept { return size_; }
  // Bytes of the first large piece that is left: one message.
  std::size_t first_large() const noexcept;
  // As many of the pieces that are left as fit. Returns how many.
  std::size_t gather(std::span<std::string_view> pieces) const noexcept;
  // The kernel has taken these bytes.
  void consume(std::size_t bytes) noexcept;

  // Whether another block can be copied behind it.
  bool is_all_small() const noexcept { return large_.empty(); }
  void append(const SendBlock& block);

  // Ready for other output. Buffers are kept unless they have grown large.
  void clear() noexcept;

 private:
  struct Piece {
    bool is_large;
    std::size_t begin;
    std::size_t size;
  };
  void cover_small();

  std::string small_;
  std::string large_;
  std::size_t covered_ = 0;  // bytes of small_ that stand in pieces_
  std::vector<Piece> pieces_;
  std::size_t next_ = 0;  // of pieces_
  std::size_t size_ = 0;
};

// Blocks that the kernel would not take yet. Holds no memory when it is empty.
class SendQueue {
 public:
  bool empty() const noexcept { return size_ == 0; }
  std::size_t size() const noexcept { return size_; }
  // Without the large message that is being sent, or comes first.
  std::size_t size_without_first_message() const noexcept;

  // REQUIRES: sealed, not empty.
  void push(SendBlock&& block);
  std::size_t gather(std::span<std::string_view> pieces) const noexcept;
  void consume(std::size_t bytes) noexcept;
  void clear() noexcept;

 private:
  std::vector<SendBlock> blocks_;
  std::size_t next_ = 0;  // of blocks_
  std::size_t size_ = 0;
};

}  // namespace capnweb
