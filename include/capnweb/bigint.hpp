// bigint.hpp: JavaScript's bigint, an integer of any size.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace capnweb {

// An integer of any size, to be carried, compared and converted; it does no arithmetic.
class BigInt {
 public:
  BigInt() = default;  // zero
  template <std::integral T>
  explicit BigInt(T value)
      : BigInt(value < T{}, value < T{} ? ~static_cast<std::uint64_t>(value) + 1
                                        : static_cast<std::uint64_t>(value)) {}

  // Reads what JavaScript's BigInt(text) reads (V-14): decimal digits with an optional sign,
  // surrounding white space, 0x, 0o, 0b (up to 2048 digits), and "" for zero. Nothing for any other
  // text.
  static std::optional<BigInt> parse(std::string_view text);

  // Decimal digits, with '-' for negatives (V-13).
  std::string to_string() const;

  // The value, if it fits.
  std::optional<std::int64_t> to_int64() const noexcept;
  std::optional<std::uint64_t> to_uint64() const noexcept;
  // The nearest double, infinite beyond its range: JavaScript's Number(bigint).
  double to_double() const noexcept;

  bool is_negative() const noexcept { return negative_; }
  // Bytes of memory that its digits take.
  std::size_t size() const noexcept { return limbs_.size() * sizeof(std::uint32_t); }
  friend bool operator==(const BigInt&, const BigInt&) = default;

 private:
  BigInt(bool negative, std::uint64_t magnitude);
  std::optional<std::uint64_t> magnitude() const noexcept;

  bool negative_ = false;  // never set for zero
  // Nine decimal digits each, least significant first, no leading zero.
  std::vector<std::uint32_t> limbs_;
};

}  // namespace capnweb
