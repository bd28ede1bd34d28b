// buffers.hpp: memory that is kept from one message to the next, and memory that is not.
#pragma once

#include <cstddef>
#include <string>

namespace capnweb {

// Gives the memory back. By `text = {}` a string keeps it.
inline void let_go(std::string& text) noexcept { std::string().swap(text); }

// Empties a buffer that is soon used again; one of more than `most` bytes is let go.
inline void clear_buffer(std::string& buffer, std::size_t most) noexcept {
  if (buffer.capacity() > most) return let_go(buffer);
  buffer.clear();
}

// The most that a loop, or a connection for its message, keeps: the pages of a large buffer cost
// more than what is done with a message in it.
inline constexpr std::size_t kKeptBuffer = std::size_t{4} * 1024 * 1024;

}  // namespace capnweb
