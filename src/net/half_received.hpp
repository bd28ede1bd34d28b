// half_received.hpp: what unfinished messages of all connections of a loop may hold.
#pragma once

#include <cstddef>

namespace capnweb {

// Whether a connection that holds `own` bytes of `all` has to go. Small messages always have room:
// a few peers that hold large ones back must not keep all others from speaking.
inline bool holds_too_much(std::size_t own, std::size_t all) noexcept {
  constexpr std::size_t kMostOfAll = 256 * 1024 * 1024;
  constexpr std::size_t kSmall = 64 * 1024;
  return all > kMostOfAll && own > kSmall;
}

}  // namespace capnweb
