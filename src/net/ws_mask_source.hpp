// ws_mask_source.hpp: the keys that clients mask their frames with.
#pragma once

#include <array>
#include <cstddef>
#include <string>

#include "net/ws_frame.hpp"

namespace capnweb {

// Keys nobody can foretell, as RFC 6455 wants them: the kernel's random bytes, many at a time.
class WsMaskSource {
 public:
  WsMaskKey next() noexcept;

 private:
  std::array<char, 1024> pool_;
  std::size_t used_ = sizeof pool_;
};

// Random bytes of the kernel.
void fill_random(char* bytes, std::size_t size) noexcept;

}  // namespace capnweb
