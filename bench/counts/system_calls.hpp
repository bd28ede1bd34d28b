// system_calls.hpp: how often this thread has asked the kernel to move bytes. Linked into a
// program, it stands in front of the C library's functions.
#pragma once

#include <cstddef>

namespace bench {

struct SystemCalls {
  std::size_t sends = 0;
  std::size_t receives = 0;
};

SystemCalls& system_calls_of_this_thread() noexcept;

}  // namespace bench
