#include <array>
#include <capnweb/detail/call_memory.hpp>

#include "cap/recycled.hpp"

namespace capnweb::detail {

namespace {

constexpr std::size_t kStep = 64;
constexpr std::size_t kLargest = 1024;

constexpr bool is_kept(std::size_t size) { return kRecycles && size <= kLargest; }

// The blocks for `size`, which is rounded up to theirs.
SpareBlocks& spares_of(std::size_t& size) noexcept {
  static thread_local std::array<SpareBlocks, kLargest / kStep> spares;
  const std::size_t place = (size - 1) / kStep;
  size = (place + 1) * kStep;
  return spares[place];
}

}  // namespace

void* CallMemory::operator new(std::size_t size) {
  return is_kept(size) ? spares_of(size).take(size) : ::operator new(size);
}

void CallMemory::operator delete(void* memory, std::size_t size) noexcept {
  if (!is_kept(size)) return ::operator delete(memory);
  spares_of(size).give(memory);
}

}  // namespace capnweb::detail
