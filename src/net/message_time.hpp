// message_time.hpp: how long a client's message may take to arrive.
#pragma once

#include <chrono>
#include <cstddef>

namespace capnweb {

// Since its first byte, when `received` bytes have come: as HttpLimits gives a body by default.
// Half a message takes room that all connections share, and must not for as long as a peer likes.
inline std::chrono::milliseconds message_time(std::size_t received) noexcept {
  constexpr std::chrono::milliseconds kAtLeast(10'000);
  constexpr std::size_t kSlowestBytesPerSecond = 16 * 1024;
  return kAtLeast + std::chrono::milliseconds(received * 1000 / kSlowestBytesPerSecond);
}

inline constexpr const char* kMessageTooSlow = "A message of the peer took too long to arrive.";

}  // namespace capnweb
