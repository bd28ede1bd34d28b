// allocation_count.hpp: how often this test program has asked for memory.
#pragma once

#include <cstddef>

// ThreadSanitizer brings an operator new of its own, which does not count.
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define CAPNWEB_COUNTS_ALLOCATIONS 0
#endif
#endif
#if !defined(CAPNWEB_COUNTS_ALLOCATIONS)
#define CAPNWEB_COUNTS_ALLOCATIONS 1
#endif

// Calls of operator new so far, from any thread.
std::size_t allocation_count() noexcept;
