// bigint.cpp: integers of any size, kept in decimal because the wire is decimal: reading and
// printing take time in proportion to the text, however long a peer makes it.
#include <algorithm>
#include <capnweb/bigint.hpp>
#include <charconv>
#include <limits>

#include "value/utf.hpp"

namespace capnweb {
namespace {

constexpr std::uint32_t kBase = 1'000'000'000;
constexpr std::size_t kDigits = 9;  // of a limb

// Digits of the largest number read that is not written in decimal. Converting takes time that
// grows with the square of the digits; JavaScript itself sends decimal only.
constexpr std::size_t kMaxForeignDigits = 2048;

// White space and line ends as JavaScript's trim() sees them.
bool is_space(std::uint32_t c) {
  return (c >= 0x9 && c <= 0xD) || c == 0x20 || c == 0xA0 || c == 0x1680 ||
         (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F ||
         c == 0x3000 || c == 0xFEFF;
}

std::string_view trim(std::string_view text) {
  while (!text.empty()) {
    const CodePoint first = decode_wtf8(text.data(), text.data() + text.size());
    if (first.size == 0 || !is_space(first.value)) break;
    text.remove_prefix(first.size);
  }
  while (!text.empty()) {
    std::size_t start = text.size() - 1;
    while (start > 0 && (static_cast<unsigned char>(text[start]) & 0xC0) == 0x80) --start;
    const CodePoint last = decode_wtf8(text.data() + start, text.data() + text.size());
    if (last.size == 0 || !is_space(last.value)) break;
    text.remove_suffix(text.size() - start);
  }
  return text;
}

// The base that a prefix names, or 10.
std::uint32_t base_of(std::string_view text) {
  if (text.size() < 2 || text[0] != '0') return 10;
  switch (text[1] | 0x20) {
    case 'x':
      return 16;
    case 'o':
      return 8;
    case 'b':
      return 2;
    default:
      return 10;
  }
}

void drop_leading_zeros(std::vector<std::uint32_t>& limbs) {
  while (!limbs.empty() && limbs.back() == 0) limbs.pop_back();
}

std::optional<std::vector<std::uint32_t>> parse_decimal(std::string_view digits) {
  if (digits.empty() || digits.find_first_not_of("0123456789") != std::string_view::npos)
    return std::nullopt;
  std::vector<std::uint32_t> limbs((digits.size() + kDigits - 1) / kDigits);
  for (std::uint32_t& limb : limbs) {
    const std::size_t start = digits.size() > kDigits ? digits.size() - kDigits : 0;
    std::from_chars(digits.data() + start, digits.data() + digits.size(), limb);
    digits = digits.substr(0, start);
  }
  drop_leading_zeros(limbs);
  return limbs;
}

// limbs = limbs * factor + summand; REQUIRES: both are at most 2^32.
void multiply_add(std::vector<std::uint32_t>& limbs, std::uint64_t factor, std::uint64_t summand) {
  std::uint64_t carry = summand;
  for (std::uint32_t& limb : limbs) {
    carry += limb * factor;
    limb = static_cast<std::uint32_t>(carry % kBase);
    carry /= kBase;
  }
  for (; carry != 0; carry /= kBase) limbs.push_back(static_cast<std::uint32_t>(carry % kBase));
}

std::optional<std::vector<std::uint32_t>> parse_power_of_two(std::string_view digits,
                                                             std::uint32_t base) {
  if (digits.empty() || digits.size() > kMaxForeignDigits) return std::nullopt;
  std::vector<std::uint32_t> limbs;
  std::uint64_t chunk = 0;
  std::uint64_t factor = 1;  // base to the power of the chunk's digits
  for (const char c : digits) {
    std::uint32_t digit = 0;
    if (std::from_chars(&c, &c + 1, digit, static_cast<int>(base)).ec != std::errc())
      return std::nullopt;
    chunk = chunk * base + digit;
    factor *= base;
    if (factor * base > (std::uint64_t{1} << 32)) {
      multiply_add(limbs, factor, chunk);
      chunk = 0;
      factor = 1;
    }
  }
  multiply_add(limbs, factor, chunk);
  return limbs;
}

// Prints the digits to `out`, which has room for nine of each limb and for one; returns the end.
char* print(const std::vector<std::uint32_t>& limbs, char* out) {
  if (limbs.empty()) {
    *out = '0';
    return out + 1;
  }
  out = std::to_chars(out, out + kDigits, limbs.back()).ptr;
  for (std::size_t i = limbs.size() - 1; i-- > 0;) {
    std::uint32_t limb = limbs[i];
    for (std::size_t digit = kDigits; digit-- > 0; limb /= 10)
      out[digit] = static_cast<char>('0' + limb % 10);
    out += kDigits;
  }
  return out;
}

}  // namespace

BigInt::BigInt(bool negative, std::uint64_t magnitude) : negative_(negative) {
  for (; magnitude != 0; magnitude /= kBase)
    limbs_.push_back(static_cast<std::uint32_t>(magnitude % kBase));
}

std::optional<BigInt> BigInt::parse(std::string_view text) {
  text = trim(text);
  BigInt result;
  if (text.empty()) return result;
  const std::uint32_t base = base_of(text);
  bool negative = false;
  std::optional<std::vector<std::uint32_t>> limbs;
  if (base == 10) {
    negative = text.front() == '-';
    if (negative || text.front() == '+') text.remove_prefix(1);
    limbs = parse_decimal(text);
  } else {
    limbs = parse_power_of_two(text.substr(2), base);
  }
  if (!limbs) return std::nullopt;
  result.limbs_ = *std::move(limbs);
  result.negative_ = negative && !result.limbs_.empty();
  return result;
}

std::string BigInt::to_string() const {
  std::string text(1 + std::max<std::size_t>(limbs_.size(), 1) * kDigits, '-');
  char* const begin = text.data();
  text.resize(static_cast<std::size_t>(print(limbs_, begin + (negative_ ? 1 : 0)) - begin));
  return text;
}

std::optional<std::uint64_t> BigInt::magnitude() const noexcept {
  std::uint64_t value = 0;
  for (std::size_t i = limbs_.size(); i-- > 0;) {
    if (value > (std::numeric_limits<std::uint64_t>::max() - limbs_[i]) / kBase)
      return std::nullopt;
    value = value * kBase + limbs_[i];
  }
  return value;
}

std::optional<std::int64_t> BigInt::to_int64() const noexcept {
  constexpr auto kLargest = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  const auto value = magnitude();
  if (!value || *value > kLargest + (negative_ ? 1 : 0)) return std::nullopt;
  return static_cast<std::int64_t>(negative_ ? ~*value + 1 : *value);
}

std::optional<std::uint64_t> BigInt::to_uint64() const noexcept {
  return negative_ ? std::nullopt : magnitude();
}

double BigInt::to_double() const noexcept {
  constexpr std::size_t kMaxLimbs = 35;  // beyond 315 digits every number is infinite
  double number = std::numeric_limits<double>::infinity();
  if (limbs_.size() <= kMaxLimbs) {
    char text[kMaxLimbs * kDigits];
    double parsed = 0;
    if (std::from_chars(text, print(limbs_, text), parsed).ec == std::errc()) number = parsed;
  }
  return negative_ ? -number : number;
}

}  // namespace capnweb
