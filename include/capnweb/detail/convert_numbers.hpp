// convert_numbers.hpp: bool, numbers, BigInt.
#pragma once

#include <capnweb/bigint.hpp>
#include <capnweb/detail/conversion.hpp>
#include <capnweb/detail/plain.hpp>
#include <concepts>
#include <cstdint>
#include <limits>
#include <optional>
#include <type_traits>

namespace capnweb {

namespace detail {

template <class T>
inline constexpr bool is_character =
    std::same_as<T, char> || std::same_as<T, wchar_t> || std::same_as<T, char8_t> ||
    std::same_as<T, char16_t> || std::same_as<T, char32_t>;

// Integers other than bool and characters, which would silently travel as numbers.
template <class T>
concept Integer = std::integral<T> && !std::same_as<T, bool> && !is_character<T> && sizeof(T) <= 8;

// Beyond it a double does not hold every integer.
inline constexpr std::int64_t kMostExact = std::int64_t{1} << 53;

// An integer in the range from `least` to `most`. Numbers must be whole; bigints fit if their value
// does.
std::optional<std::int64_t> decode_signed(const Value& value, std::int64_t least, std::int64_t most,
                                          Mismatch& why);
std::optional<std::uint64_t> decode_unsigned(const Value& value, std::uint64_t most, Mismatch& why);
std::optional<float> decode_float(const Value& value, Mismatch& why);

}  // namespace detail

template <>
struct Convert<bool> {
  static Value encode(bool value) { return value; }
  static std::optional<bool> decode(const Value& value, Mismatch& why) {
    if (auto* found = value.get_if<bool>()) return *found;
    return why.set("boolean", value);
  }

  static constexpr bool kPlain = true;
  static std::optional<bool> read(JsonView json, std::size_t) {
    if (json.type() == JsonType::kTrue) return true;
    if (json.type() == JsonType::kFalse) return false;
    return std::nullopt;
  }
  static void write(detail::PlainWriter& out, bool value) { out.raw(value ? "true" : "false"); }
};

// A number while a double holds it exactly, a bigint beyond 2^53; either is taken.
template <detail::Integer T>
struct Convert<T> {
  static Value encode(T value) { return value; }
  static std::optional<T> decode(const Value& value, Mismatch& why) {
    // The common case without a call.
    if (auto* number = value.get_if<double>())
      if (auto whole = small_whole(*number)) return whole;
    if constexpr (std::is_signed_v<T>) {
      auto found = detail::decode_signed(value, std::numeric_limits<T>::min(),
                                         std::numeric_limits<T>::max(), why);
      return found ? std::optional<T>(static_cast<T>(*found)) : std::nullopt;
    } else {
      auto found = detail::decode_unsigned(value, std::numeric_limits<T>::max(), why);
      return found ? std::optional<T>(static_cast<T>(*found)) : std::nullopt;
    }
  }

  static constexpr bool kPlain = true;
  static std::optional<T> read(JsonView json, std::size_t) {
    return json.is_number() ? small_whole(json.number()) : std::nullopt;
  }
  static void write(detail::PlainWriter& out, T value) {
    out.integer(std::conditional_t<std::is_signed_v<T>, std::int64_t, std::uint64_t>{value});
  }

 private:
  // A whole number in range that a double holds exactly.
  static std::optional<T> small_whole(double number) {
    constexpr double kLimit =
        static_cast<double>(sizeof(T) < 8 ? static_cast<std::int64_t>(std::numeric_limits<T>::max())
                                          : detail::kMostExact);
    constexpr double kLeast = std::is_signed_v<T> ? -kLimit : 0.0;
    if (!(number >= kLeast && number <= kLimit)) return std::nullopt;
    const T whole = static_cast<T>(number);
    if (static_cast<double>(whole) != number) return std::nullopt;
    return whole;
  }
};

template <std::floating_point T>
struct Convert<T> {
  static Value encode(T value) { return static_cast<double>(value); }
  static std::optional<T> decode(const Value& value, Mismatch& why) {
    if constexpr (std::same_as<T, float>) {
      return detail::decode_float(value, why);
    } else {
      if (auto* number = value.get_if<double>()) return static_cast<T>(*number);
      return why.set("number", value);
    }
  }

  static constexpr bool kPlain = !std::same_as<T, float>;
  static std::optional<T> read(JsonView json, std::size_t) {
    return json.is_number() ? std::optional<T>(static_cast<T>(json.number())) : std::nullopt;
  }
  static void write(detail::PlainWriter& out, T value) { out.number(static_cast<double>(value)); }
};

template <>
struct Convert<BigInt> {
  static constexpr bool kPromiseFree = true;
  static constexpr bool kFailsCleanly = true;
  static Value encode(BigInt value) { return value; }
  // Whole numbers are taken as well: integers of 64 bits travel as numbers while they are small.
  static std::optional<BigInt> decode(Value&& value, Mismatch& why);
};

}  // namespace capnweb
