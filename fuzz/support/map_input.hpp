// map_input.hpp: the form of map.cpp's input, which its mutator keeps.
#pragma once

#include <cstddef>

namespace capnweb::fuzz {

// Bytes that choose what is mapped, its length, what is captured, the path; instructions follow.
inline constexpr std::size_t kMapHeader = 4;

}  // namespace capnweb::fuzz
