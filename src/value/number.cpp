#include "value/number.hpp"

#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string_view>
#include <system_error>

namespace capnweb {
namespace {

// Powers of ten that a double holds exactly.
constexpr double kPowersOfTen[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                   1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                   1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
constexpr int kLargestPower = 22;

// The shortest digits of a positive number: 0.DIGITS times ten to the power of `point`.
struct Decimal {
  char digits[24];
  int count;
  int point;
};

Decimal shortest_digits(double number) {
  char text[kMaxNumberText];
  const char* const end =
      std::to_chars(text, text + sizeof text, number, std::chars_format::scientific).ptr;
  // "d.ddde+XX" or "de+XX"
  Decimal decimal;
  decimal.digits[0] = text[0];
  decimal.count = 1;
  const char* p = text + 1;
  if (*p == '.')
    for (++p; *p != 'e'; ++p) decimal.digits[decimal.count++] = *p;
  p += p[1] == '+' ? 2 : 1;
  int exponent = 0;
  std::from_chars(p, end, exponent);
  decimal.point = exponent + 1;
  return decimal;
}

char* put(char* out, const char* text, int count) {
  std::memcpy(out, text, static_cast<std::size_t>(count));
  return out + count;
}

char* put_zeros(char* out, int count) {
  std::memset(out, '0', static_cast<std::size_t>(count));
  return out + count;
}

// The layout of ECMAScript's Number::toString: plain from 1e-6 up to 21 digits, else an exponent.
char* lay_out(const Decimal& decimal, char* out) {
  const auto& [digits, count, point] = decimal;
  if (point > 21 || point <= -6) {
    *out++ = digits[0];
    if (count > 1) {
      *out++ = '.';
      out = put(out, digits + 1, count - 1);
    }
    *out++ = 'e';
    *out++ = point > 0 ? '+' : '-';
    return std::to_chars(out, out + 4, std::abs(point - 1)).ptr;
  }
  if (point <= 0) {
    out = put_zeros(put(out, "0.", 2), -point);
    return put(out, digits, count);
  }
  if (count <= point) return put_zeros(put(out, digits, count), point - count);
  out = put(out, digits, point);
  *out++ = '.';
  return put(out, digits + point, count - point);
}

// Whether `number` is a decimal of at most 15 digits, six of them behind the point, as amounts and
// measurements are: then these are its shortest digits, since no two such decimals are the same
// double. Finding that out takes a fifth of the time of the general way.
bool has_few_digits(double number, Decimal& decimal) {
  if (number < 1e-6 || number >= 1e9) return false;
  const auto millionths = static_cast<std::int64_t>(number * 1e6 + 0.5);
  if (static_cast<double>(millionths) / 1e6 != number) return false;
  const char* const end =
      std::to_chars(decimal.digits, decimal.digits + sizeof decimal.digits, millionths).ptr;
  decimal.count = static_cast<int>(end - decimal.digits);
  decimal.point = decimal.count - 6;
  while (decimal.digits[decimal.count - 1] == '0') --decimal.count;
  return true;
}

// A literal whose value no double holds: infinite if it is large, zero if it is small.
double beyond_range(std::string_view literal) {
  const bool negative = literal.front() == '-';
  long long scale = 0;  // the power of ten of the first digit that is not zero, plus one
  bool seen_point = false;
  bool seen_digit = false;
  std::size_t i = negative ? 1 : 0;
  for (; i < literal.size() && (literal[i] == '.' || is_digit(literal[i])); ++i) {
    if (literal[i] == '.') {
      seen_point = true;
      continue;
    }
    seen_digit = seen_digit || literal[i] != '0';
    if (!seen_point && seen_digit) ++scale;
    if (seen_point && !seen_digit) --scale;
  }
  if (i < literal.size()) {
    ++i;  // the e
    const bool shrinks = literal[i] == '-';
    if (!is_digit(literal[i])) ++i;
    long long exponent = 0;
    // More than the length of any text is as good as infinite.
    for (; i < literal.size() && exponent < (1LL << 40); ++i)
      exponent = exponent * 10 + (literal[i] - '0');
    scale += shrinks ? -exponent : exponent;
  }
  const double magnitude = scale > 0 ? std::numeric_limits<double>::infinity() : 0.0;
  return negative ? -magnitude : magnitude;
}

double convert(const char* begin, const char* end) {
  double number = 0;
  const auto result = std::from_chars(begin, end, number);
  if (result.ec == std::errc::result_out_of_range)
    return beyond_range({begin, static_cast<std::size_t>(end - begin)});
  return number;
}

}  // namespace

std::size_t print_number(double number, char* out) noexcept {
  char* const begin = out;
  // Integers of up to 15 digits are their own shortest form.
  if (std::abs(number) < 1e15) {
    const auto integer = static_cast<std::int64_t>(number);
    if (static_cast<double>(integer) == number)
      return static_cast<std::size_t>(std::to_chars(out, out + kMaxNumberText, integer).ptr - out);
  }
  if (number < 0) {
    *out++ = '-';
    number = -number;
  }
  Decimal decimal;
  if (!has_few_digits(number, decimal)) decimal = shortest_digits(number);
  return static_cast<std::size_t>(lay_out(decimal, out) - begin);
}

std::string number_to_string(double number) {
  if (std::isnan(number)) return "NaN";
  if (std::isinf(number)) return number < 0 ? "-Infinity" : "Infinity";
  char text[kMaxNumberText];
  return {text, print_number(number, text)};
}

const char* parse_number(const char* p, const char* end, double& number,
                         const char** stop) noexcept {
  const auto missing_digit = [stop](const char* at) {
    *stop = at;
    return nullptr;
  };
  const char* const begin = p;
  std::uint64_t mantissa = 0;  // of the first 19 digits; zeros in front do not count
  const auto take_digits = [&mantissa, end](const char* at) {
    for (; at != end && is_digit(*at); ++at)
      mantissa = mantissa * 10 + static_cast<std::uint64_t>(*at - '0');
    return at;
  };

  const bool negative = p != end && *p == '-';
  if (negative) ++p;
  const char* const integer = p;
  p = take_digits(p);
  auto digits = p - integer;
  if (digits == 0) return missing_digit(p);
  if (*integer == '0' && digits > 1) return missing_digit(integer + 1);

  long long exponent = 0;
  if (p != end && *p == '.') {
    const char* const fraction = p + 1;
    p = take_digits(fraction);
    if (p == fraction) return missing_digit(p);
    exponent = -static_cast<long long>(p - fraction);
    digits += p - fraction;
  }
  if (p != end && (*p == 'e' || *p == 'E')) {
    ++p;
    const bool shrinks = p != end && *p == '-';
    if (p != end && (*p == '-' || *p == '+')) ++p;
    const char* const power = p;
    long long value = 0;
    for (; p != end && is_digit(*p); ++p)
      if (value < 100'000) value = value * 10 + (*p - '0');
    if (p == power) return missing_digit(p);
    exponent += shrinks ? -value : value;
  }

  // 19 digits fit the mantissa. An integer is then rounded once by the conversion; with an exponent
  // the result is right if both the mantissa and the power of ten are exact.
  if (digits <= 19 && exponent == 0) {
    number = static_cast<double>(mantissa);
  } else if (digits <= 19 && mantissa <= (std::uint64_t{1} << 53) && exponent >= -kLargestPower &&
             exponent <= kLargestPower) {
    number = static_cast<double>(mantissa);
    if (exponent < 0) {
      number /= kPowersOfTen[-exponent];
    } else {
      number *= kPowersOfTen[exponent];
    }
  } else {
    number = convert(begin, p);
    return p;
  }
  if (negative) number = -number;
  return p;
}

}  // namespace capnweb
