// number.hpp: numbers as JavaScript prints and reads them.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>

#include "value/text_scan.hpp"

namespace capnweb {

// Room for any number print_number prints: "-0.0000012345678901234567".
inline constexpr std::size_t kMaxNumberText = 32;

// Prints what Number::toString gives (V-7) to `out`, which has room for kMaxNumberText characters;
// returns how many it wrote. -0 is "0" (V-8). REQUIRES: `number` is finite.
std::size_t print_number(double number, char* out) noexcept;

// The same as a string, for error texts; also "NaN", "Infinity", "-Infinity".
std::string number_to_string(double number);

// Reads a JSON number that begins at `p`. Returns its end; or null if there is none, and then
// `*stop` is the character that does not belong, or `end`. What no double holds becomes infinite or
// zero, with its sign (V-10).
const char* parse_number(const char* p, const char* end, double& number,
                         const char** stop) noexcept;

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Eight characters of text in a word, the first one lowest, for reading the digits among them.
struct DigitWord {
  std::uint64_t text;

  // The highest bits of those that are no digits.
  std::uint64_t others() const noexcept {
    // Digits become 0 to 9, and everything else gets its highest bit set.
    const std::uint64_t values = text ^ kZeros;
    return (((values & 0x7F7F7F7F7F7F7F7Fu) + 0x7676767676767676u) | values) & 0x8080808080808080u;
  }
  char operator[](int index) const noexcept { return static_cast<char>(text >> (8 * index)); }
  // Without the character at `index`, 7 at most.
  DigitWord without(int index) const noexcept {
    const std::uint64_t before = (std::uint64_t{1} << (8 * index)) - 1;
    return {(text & before) | ((text >> 8) & ~before)};
  }
  // The number that the first `digits` of them are. REQUIRES: digits is 1 to 8.
  std::uint32_t number(int digits) const noexcept {
    // Zeros in front, as if there were eight; then pairs, fours, and all of them are joined.
    std::uint64_t values = (text ^ kZeros) << (64 - 8 * digits);
    values = values * 10 + (values >> 8);
    values = (values & 0x000000FF000000FFu) * 0x000F424000000064u +
             ((values >> 16) & 0x000000FF000000FFu) * 0x0000271000000001u;
    return static_cast<std::uint32_t>(values >> 32);
  }

  static constexpr std::uint64_t kZeros = 0x3030303030303030u;
};

// Of 14 digits, as of any of these by which they are divided, a double is exact, so the quotient is
// the nearest one (V-7).
inline constexpr double kFractionPowers[] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7};

inline bool is_exponent_mark(char c) noexcept { return (c | 0x20) == 'e'; }

// Adds the digits behind a point, where they are seven at most.
inline const char* parse_short_fraction(const char* p, const char* end, double& number) noexcept {
  if (end - p < 8) return nullptr;
  DigitWord word;
  std::memcpy(&word.text, p, 8);
  const int digits = std::countr_zero(word.others()) / 8;
  if (digits == 0 || digits == 8 || is_exponent_mark(word[digits])) return nullptr;
  const double power = kFractionPowers[digits];
  number = (number * power + static_cast<double>(word.number(digits))) / power;
  return p + digits;
}

// Reads a number without a sign or an exponent, of one to seven digits before the point and as many
// behind, fast, whatever its length; null for any other number, and for some near the ends of
// texts. `word` is the text at `p`; `others` has a bit for each of its characters that is no digit,
// kBits of them apart.
template <int kBits>
inline const char* parse_short_number(DigitWord word, std::uint64_t others, const char* p,
                                      const char* end, double& number) noexcept {
  const int digits = std::countr_zero(others) / kBits;
  if (digits == 0 || digits >= 8 || (digits > 1 && word[0] == '0')) return nullptr;
  if (word[digits] != '.') {
    if (is_exponent_mark(word[digits])) return nullptr;
    number = static_cast<double>(word.number(digits));
    return p + digits;
  }
  const int size = std::countr_zero(others & (others - 1)) / kBits;
  if (size >= 8) {
    number = static_cast<double>(word.number(digits));
    return parse_short_fraction(p + digits + 1, end, number);
  }
  // Mostly all of it is in the word, and is read as if there were no point.
  const int places = size - digits - 1;
  if (places == 0 || is_exponent_mark(word[size])) return nullptr;
  number = static_cast<double>(word.without(digits).number(size - 1)) / kFractionPowers[places];
  return p + size;
}

// The same for any place of a text, which begins at `begin`.
inline const char* parse_short_number(const char* begin, const char* p, const char* end,
                                      double& number) noexcept {
  if constexpr (std::endian::native != std::endian::little) return nullptr;
  if (end - begin < 8) return nullptr;
  DigitWord word;
  if (end - p >= 8) {
    std::memcpy(&word.text, p, 8);
  } else {
    // The last eight bytes without those before the number; zeros stand for what is not there.
    std::memcpy(&word.text, end - 8, 8);
    word.text >>= 8 * (8 - (end - p));
  }
  return parse_short_number<8>(word, word.others(), p, end, number);
}

// The same for numbers of a long text, one after the other.
inline const char* parse_short_number(DigitEnds& ends, const char* p, const char* end,
                                      double& number) noexcept {
  if constexpr (std::endian::native != std::endian::little) return nullptr;
  if (end - p < DigitEnds::kReach) return nullptr;
  DigitWord word;
  std::memcpy(&word.text, p, 8);
  return parse_short_number<1>(word, ends.from(p), p, end, number);
}

}  // namespace capnweb
