// recycled.hpp: memory for objects that come and go with every call.
#pragma once

#include <cstddef>
#include <new>
#include <utility>

namespace capnweb::detail {

// AddressSanitizer has to see the real thing.
#if defined(__SANITIZE_ADDRESS__)
inline constexpr bool kRecycles = false;
#elif defined(__has_feature)
inline constexpr bool kRecycles = !__has_feature(address_sanitizer);
#else
inline constexpr bool kRecycles = true;
#endif

// Blocks of one size that are kept for the next who asks. One thread's.
class SpareBlocks {
 public:
  SpareBlocks() = default;
  SpareBlocks(const SpareBlocks&) = delete;
  SpareBlocks& operator=(const SpareBlocks&) = delete;
  ~SpareBlocks() {
    count_ = kMost;  // what is destroyed after this, at the end of the thread, is not kept
    while (first_) ::operator delete(std::exchange(first_, first_->next));
  }

  // One of them, or a new one.
  void* take(std::size_t size) {
    if (!first_) return ::operator new(size);
    --count_;
    return std::exchange(first_, first_->next);
  }
  void give(void* block) noexcept {
    if (count_ >= kMost) return ::operator delete(block);
    ++count_;
    first_ = new (block) Spare{first_};
  }

 private:
  static constexpr std::size_t kMost = 128;
  struct Spare {
    Spare* next;
  };
  Spare* first_ = nullptr;
  std::size_t count_ = 0;
};

// A base that gives the memory of a destroyed T to the next one on the same thread. Each call of a
// peer makes a promise, and a hundred of them are let go together: malloc, whose own lists are
// shorter, needed a tenth of a call's time for that.
template <class T>
class Recycled {
  friend T;
  Recycled() = default;

 public:
  static void* operator new(std::size_t size) {
    static_assert(alignof(T) <= __STDCPP_DEFAULT_NEW_ALIGNMENT__);
    return is_kept(size) ? spares().take(size) : ::operator new(size);
  }
  static void operator delete(void* memory, std::size_t size) noexcept {
    if (!is_kept(size)) return ::operator delete(memory);
    spares().give(memory);
  }

 private:
  // Not what is derived from a T.
  static constexpr bool is_kept(std::size_t size) { return kRecycles && size == sizeof(T); }
  static SpareBlocks& spares() noexcept {
    static thread_local SpareBlocks kept;
    return kept;
  }
};

}  // namespace capnweb::detail
