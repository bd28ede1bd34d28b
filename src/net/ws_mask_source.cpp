#include "net/ws_mask_source.hpp"

#include <sys/random.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdint>

namespace capnweb {

void fill_random(char* bytes, std::size_t size) noexcept {
  while (size > 0) {
    const ssize_t got = ::getrandom(bytes, size, 0);
    if (got < 0 && errno != EINTR) break;
    if (got <= 0) continue;
    bytes += got;
    size -= static_cast<std::size_t>(got);
  }
  // Only a kernel from before 2014 comes here. Masks and handshake keys hide nothing, they keep
  // proxies from taking frames for requests; the clock is better than no connection.
  auto state =
      static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count());
  for (; size > 0; --size) {
    state = state * 6364136223846793005U + 1442695040888963407U;
    *bytes++ = static_cast<char>(state >> 56);
  }
}

WsMaskKey WsMaskSource::next() noexcept {
  if (used_ == pool_.size()) {
    fill_random(pool_.data(), pool_.size());
    used_ = 0;
  }
  WsMaskKey key;
  std::copy_n(pool_.begin() + static_cast<std::ptrdiff_t>(used_), key.size(), key.begin());
  used_ += key.size();
  return key;
}

}  // namespace capnweb
