#include <capnweb/detail/convert_numbers.hpp>
#include <cmath>
#include <limits>
#include <string>

#include "value/json_writer.hpp"

namespace capnweb {

namespace detail {

namespace {

constexpr double kTwoTo63 = 9223372036854775808.0;

// Says what came with its value: "expected integer from 0 to 255, got 1.5".
void say_number(const Value& value, Mismatch& why) {
  if (auto* number = value.get_if<double>()) {
    if (std::isfinite(*number)) {
      why.got.clear();
      write_json_number(why.got, *number);
    } else {
      why.got = std::isnan(*number) ? "NaN" : *number < 0 ? "-Infinity" : "Infinity";
    }
  } else if (auto* bigint = value.get_if<BigInt>()) {
    const std::string text = bigint->to_string();
    why.got = text.size() > 40 ? "bigint" : text;
  }
}

std::nullopt_t not_in_range(const Value& value, const std::string& least, const std::string& most,
                            Mismatch& why) {
  const bool is_numeric = value.is_number() || value.get_if<BigInt>();
  why.set(is_numeric ? "integer from " + least + " to " + most : "number", value);
  say_number(value, why);
  return std::nullopt;
}

}  // namespace

std::optional<std::int64_t> decode_signed(const Value& value, std::int64_t least, std::int64_t most,
                                          Mismatch& why) {
  std::optional<std::int64_t> found;
  if (auto* number = value.get_if<double>()) {
    if (*number >= -kTwoTo63 && *number < kTwoTo63 && std::trunc(*number) == *number)
      found = static_cast<std::int64_t>(*number);
  } else if (auto* bigint = value.get_if<BigInt>()) {
    found = bigint->to_int64();
  }
  if (found && *found >= least && *found <= most) return found;
  return not_in_range(value, std::to_string(least), std::to_string(most), why);
}

std::optional<std::uint64_t> decode_unsigned(const Value& value, std::uint64_t most,
                                             Mismatch& why) {
  std::optional<std::uint64_t> found;
  if (auto* number = value.get_if<double>()) {
    if (*number >= 0 && *number < 2 * kTwoTo63 && std::trunc(*number) == *number)
      found = static_cast<std::uint64_t>(*number);
  } else if (auto* bigint = value.get_if<BigInt>()) {
    found = bigint->to_uint64();
  }
  if (found && *found <= most) return found;
  return not_in_range(value, "0", std::to_string(most), why);
}

std::optional<float> decode_float(const Value& value, Mismatch& why) {
  auto* number = value.get_if<double>();
  if (!number) return why.set("number", value);
  constexpr double kMost = std::numeric_limits<float>::max();
  if (std::isfinite(*number) && (*number > kMost || *number < -kMost)) {
    why.set("number that a float can hold", value);
    say_number(value, why);
    return std::nullopt;
  }
  return static_cast<float>(*number);
}

}  // namespace detail

std::optional<BigInt> Convert<BigInt>::decode(Value&& value, Mismatch& why) {
  if (auto* bigint = value.get_if<BigInt>()) return std::move(*bigint);
  if (value.is_number()) {
    auto whole = detail::decode_signed(value, -detail::kMostExact, detail::kMostExact, why);
    return whole ? std::optional<BigInt>(*whole) : std::nullopt;
  }
  return why.set("bigint", value);
}

}  // namespace capnweb
