// quic_varint.hpp: QUIC's integers of one, two, four or eight bytes (RFC 9000, 16).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace capnweb {

inline constexpr std::uint64_t kMaxVarint = (std::uint64_t{1} << 62) - 1;

// In as few bytes as it can. REQUIRES: value <= kMaxVarint.
void append_varint(std::string& out, std::uint64_t value);

// Takes one from the front of `bytes`; nothing if it is not there in full.
std::optional<std::uint64_t> take_varint(std::string_view& bytes) noexcept;

// Reads one that may be cut between any two pieces.
class VarintReader {
 public:
  // Takes what it needs from the front of `input`. Whether the number is complete.
  bool feed(std::string_view& input) noexcept;

  // REQUIRES: feed() has returned true. Ready for the next one afterwards.
  std::uint64_t take() noexcept;

  // Whether a number is there in part.
  bool is_inside() const noexcept { return size_ > 0; }

 private:
  std::size_t needed() const noexcept;

  std::array<char, 8> bytes_{};
  std::size_t size_ = 0;
};

}  // namespace capnweb
