#include "net/ws_mask_source.hpp"

#include <sys/random.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace capnweb {

void fill_random(char* bytes, std::size_t size) {
  while (size > 0) {
    const ssize_t got = ::getrandom(bytes, size, 0);
    if (got < 0 && errno != EINTR)
      throw std::system_error(errno, std::generic_category(), "getrandom");
    if (got <= 0) continue;
    bytes += got;
    size -= static_cast<std::size_t>(got);
  }
}

WsMaskKey WsMaskSource::next() {
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
