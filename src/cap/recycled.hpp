// recycled.hpp: memory for objects that come and go with every call.
#pragma once

#include <cstddef>
#include <new>
#include <utility>

#if defined(__SANITIZE_ADDRESS__)
#define CAPNWEB_RECYCLES 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define CAPNWEB_RECYCLES 0
#endif
#endif
#if !defined(CAPNWEB_RECYCLES)
#define CAPNWEB_RECYCLES 1
#endif

namespace capnweb::detail {

// A base that gives the memory of a destroyed T to the next one on the same thread. Each call of a
// peer makes a promise, and a hundred of them are let go together: malloc, whose own lists are
// shorter, needed a tenth of a call's time for that. AddressSanitizer sees the real thing.
template <class T>
class Recycled {
  friend T;
  Recycled() = default;

#if CAPNWEB_RECYCLES
 public:
  static void* operator new(std::size_t size) {
    static_assert(alignof(T) <= __STDCPP_DEFAULT_NEW_ALIGNMENT__);
    Spares& kept = spares();
    if (size != sizeof(T) || !kept.first) return ::operator new(size);
    --kept.count;
    return std::exchange(kept.first, kept.first->next);
  }
  static void operator delete(void* memory, std::size_t size) noexcept {
    Spares& kept = spares();
    if (size != sizeof(T) || kept.count >= kMost) return ::operator delete(memory, size);
    ++kept.count;
    kept.first = new (memory) Spare{kept.first};
  }

 private:
  static constexpr std::size_t kMost = 128;
  struct Spare {
    Spare* next;
  };
  struct Spares {
    Spare* first = nullptr;
    std::size_t count = 0;
    ~Spares() {
      count = kMost;  // what is destroyed after this, at the end of the thread, is not kept
      while (first) ::operator delete(std::exchange(first, first->next), sizeof(T));
    }
  };
  static Spares& spares() noexcept {
    static thread_local Spares kept;
    return kept;
  }
#endif
};

}  // namespace capnweb::detail
