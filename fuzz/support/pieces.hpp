// pieces.hpp: bytes cut into pieces, as a network may deliver them.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace capnweb::fuzz {

// Sizes that follow from a seed; seed 0 is one piece, small seeds make small pieces.
class Pieces {
 public:
  explicit Pieces(std::uint8_t seed) noexcept : state_(seed), most_(seed) {}

  // How much of `left` bytes comes next; at least 1. REQUIRES: left > 0.
  std::size_t next(std::size_t left) noexcept {
    if (most_ == 0) return left;
    state_ = state_ * 1103515245 + 12345;
    return std::min<std::size_t>(left, 1 + (state_ >> 16) % most_);
  }

 private:
  std::uint32_t state_;
  std::uint32_t most_;
};

}  // namespace capnweb::fuzz
