// stream_budget.hpp: how much of the streams of a session may wait to be read.
#pragma once

#include <capnweb/detail/ref.hpp>
#include <capnweb/error.hpp>
#include <cstddef>

namespace capnweb::detail {

// Shared by all streams that one peer writes to. An honest peer stops when its window is full; one
// that does not is bounded here, and its stream fails (L-8).
class StreamBudget final : public RefCounted {
 public:
  explicit StreamBudget(std::size_t limit) noexcept : limit_(limit) {}

  // Whether `size` more bytes fit; if so they count from now on.
  bool take(std::size_t size) noexcept {
    if (size > limit_ - used_) return false;
    used_ += size;
    return true;
  }
  void give_back(std::size_t size) noexcept { used_ -= size; }
  // What a stream fails with that does not fit.
  Error exceeded() const;

 private:
  std::size_t limit_;
  std::size_t used_ = 0;
};

}  // namespace capnweb::detail
