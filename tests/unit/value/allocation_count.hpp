// allocation_count.hpp: how often this test program has asked for memory.
#pragma once

#include <cstddef>

// Calls of operator new so far, from any thread.
std::size_t allocation_count() noexcept;
