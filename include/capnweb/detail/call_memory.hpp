// call_memory.hpp: memory for what runs a call.
#pragma once

#include <cstddef>

namespace capnweb::detail {

// A base for coroutines and what goes with them: as long as a call takes, each needs a block whose
// size depends on the handler, and calls that follow one another need the same sizes. Blocks of up
// to 1 KiB are kept for the next call on the thread that frees them, a bounded number of each size.
class CallMemory {
 public:
  static void* operator new(std::size_t size);
  static void operator delete(void* memory, std::size_t size) noexcept;

 protected:
  CallMemory() = default;
  ~CallMemory() = default;
};

}  // namespace capnweb::detail
