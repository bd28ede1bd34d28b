// wt_error_code.hpp: a WebTransport stream's error codes among HTTP/3's.
#pragma once

#include <cstdint>
#include <optional>

namespace capnweb {

// The code that RESET_STREAM and STOP_SENDING carry for an application's: HTTP/3 keeps each 31st
// number for greasing, which are left out.
constexpr std::uint64_t to_h3_code(std::uint32_t application) noexcept {
  return 0x52e4a40fa8db + application + application / 0x1e;
}

// The application's code, or nothing if the code is none of its.
constexpr std::optional<std::uint32_t> from_h3_code(std::uint64_t code) noexcept {
  constexpr std::uint64_t kFirst = 0x52e4a40fa8db;
  constexpr std::uint64_t kLast = 0x52e5ac983162;
  if (code < kFirst || code > kLast || (code - 0x21) % 0x1f == 0) return std::nullopt;
  const std::uint64_t shifted = code - kFirst;
  return static_cast<std::uint32_t>(shifted - shifted / 0x1f);
}

}  // namespace capnweb
