// io_scratch.hpp: buffers that all connections of a loop use, one after the other.
#pragma once

#include <capnweb/session.hpp>
#include <cstddef>
#include <memory>
#include <span>

#include "net/send_block.hpp"
#include "net/ws_mask_source.hpp"

namespace capnweb {

// What an idle connection needs no buffers of its own for.
class IoScratch {
 public:
  static constexpr std::size_t kReadSize = 64 * 1024;

  // Input is read into this first. Valid until the turn ends.
  std::span<char> read_buffer() noexcept { return {read_buffer_.get(), kReadSize}; }

  // For composing output; both are empty between flushes.
  Outbox outbox;
  SendBlock block;

  WsMaskSource masks;

  // Bytes of unfinished messages, of all connections.
  std::size_t half_received = 0;

 private:
  std::unique_ptr<char[]> read_buffer_ = std::make_unique_for_overwrite<char[]>(kReadSize);
};

}  // namespace capnweb
