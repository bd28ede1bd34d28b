// byte_budget.hpp: how many bytes something may take together.
#pragma once

#include <capnweb/detail/ref.hpp>
#include <capnweb/error.hpp>
#include <cstddef>

namespace capnweb::detail {

class ByteBudget : public RefCounted {
 public:
  explicit ByteBudget(std::size_t limit) noexcept : limit_(limit) {}

  std::size_t limit() const noexcept { return limit_; }
  // Whether `size` more bytes fit; if so they count from now on.
  bool take(std::size_t size) noexcept {
    if (size > limit_ - used_) return false;
    used_ += size;
    return true;
  }
  void give_back(std::size_t size) noexcept { used_ -= size; }

 private:
  std::size_t limit_;
  std::size_t used_ = 0;
};

}  // namespace capnweb::detail
