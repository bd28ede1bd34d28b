#include "value/number.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace capnweb {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// The number that `text` is in full; nothing if it is none.
std::optional<double> parse(std::string_view text) {
  const std::string exact(text);
  double number = 0;
  const char* stop = nullptr;
  const char* const end = exact.data() + exact.size();
  if (parse_number(exact.data(), end, number, &stop) != end) return std::nullopt;
  return number;
}

std::uint64_t bits(double number) { return std::bit_cast<std::uint64_t>(number); }

TEST(Number, PrintsAsJavaScriptDoes_V7) {
  const struct {
    double number;
    const char* text;
  } cases[] = {
      {0.0, "0"},
      {1, "1"},
      {-1, "-1"},
      {0.1, "0.1"},
      {-0.1, "-0.1"},
      {1e-6, "0.000001"},
      {1e-7, "1e-7"},
      {1.5e-7, "1.5e-7"},
      {-1.5e-7, "-1.5e-7"},
      {0.00001, "0.00001"},
      {0.000001234567, "0.000001234567"},
      {1.2345678901234567e-6, "0.0000012345678901234567"},
      {123456789012345680000.0, "123456789012345680000"},
      {1e20, "100000000000000000000"},
      {1e21, "1e+21"},
      {1.2345e21, "1.2345e+21"},
      {-1e21, "-1e+21"},
      {9007199254740992.0, "9007199254740992"},
      {999999999999999.0, "999999999999999"},
      {1e15, "1000000000000000"},
      {1e16, "10000000000000000"},
      {123456789.123456, "123456789.123456"},
      {1234567890.1234567, "1234567890.1234567"},
      {5e-324, "5e-324"},
      {1.7976931348623157e308, "1.7976931348623157e+308"},
      {2.2250738585072014e-308, "2.2250738585072014e-308"},
      {0.1 + 0.2, "0.30000000000000004"},
      {1.0 / 3, "0.3333333333333333"},
      {100, "100"},
      {12.75, "12.75"},
      {123.456001, "123.456001"},
      {999999999.999999, "999999999.999999"},
      {1e9 + 0.5, "1000000000.5"},
      {-1234567.875, "-1234567.875"},
      {1.0000001, "1.0000001"},
      {6.02214076e23, "6.02214076e+23"},
  };
  for (const auto& [number, text] : cases) EXPECT_EQ(number_to_string(number), text);
}

TEST(Number, PrintsNegativeZeroAsZero_V8) { EXPECT_EQ(number_to_string(-0.0), "0"); }

TEST(Number, NamesWhatIsNotFinite) {
  EXPECT_EQ(number_to_string(kInfinity), "Infinity");
  EXPECT_EQ(number_to_string(-kInfinity), "-Infinity");
  EXPECT_EQ(number_to_string(std::nan("")), "NaN");
}

// The digits of a printed number, without zeros in front and behind.
std::size_t count_digits(std::string_view text) {
  std::string digits;
  for (const char c : text.substr(0, text.find('e')))
    if (c >= '0' && c <= '9') digits += c;
  const std::size_t first = digits.find_first_not_of('0');
  return first == std::string::npos ? 0 : digits.find_last_not_of('0') - first + 1;
}

void expect_shortest_round_trip(double number) {
  const std::string text = number_to_string(number);
  ASSERT_LE(text.size(), kMaxNumberText);
  const auto back = parse(text);
  ASSERT_TRUE(back) << text;
  ASSERT_EQ(bits(*back), bits(number)) << text;
  char shortest[64];
  const auto end =
      std::to_chars(shortest, shortest + sizeof shortest, number, std::chars_format::scientific);
  ASSERT_EQ(count_digits(text), count_digits({shortest, end.ptr})) << text;
}

TEST(Number, IsShortestAndReadsBackTheSame_V7) {
  std::mt19937_64 random(3);
  for (int round = 0; round < 100'000; ++round) {
    const auto any = std::bit_cast<double>(random());
    if (std::isfinite(any)) expect_shortest_round_trip(any);
    // Decimals of few digits, and their neighbours, which need many.
    const double amount = static_cast<double>(random() % 1'000'000'000'000) / 1e6;
    if (amount == 0) continue;
    expect_shortest_round_trip(amount);
    expect_shortest_round_trip(-std::nextafter(amount, kInfinity));
  }
}

TEST(Number, ReadsNegativeZero_V8) {
  for (const char* text : {"-0", "-0.0", "-0e5", "-0e400"})
    EXPECT_EQ(bits(parse(text).value()), bits(-0.0)) << text;
  EXPECT_EQ(bits(parse("0").value()), bits(0.0));
}

TEST(Number, ReadsWhatNoDoubleHoldsAsInfinityOrZero_V10) {
  const std::string zeros(400, '0');
  const std::string nines(400, '9');
  for (const std::string& text :
       {std::string("1e400"), std::string("1E+99999999999999999999"), nines, "1" + zeros,
        std::string("0.00001e400"), "0." + zeros + "1e800", nines + ".5", nines + "e-90"}) {
    EXPECT_EQ(parse(text), kInfinity) << text;
    EXPECT_EQ(parse("-" + text), -kInfinity) << text;
  }
  for (const std::string& text :
       {std::string("1e-400"), std::string("1e-99999999999999999999"), "0." + zeros + "1",
        "1" + zeros + "e-800", "0." + zeros + "e-5", "0." + zeros + "1e50"}) {
    EXPECT_EQ(bits(parse(text).value()), bits(0.0)) << text;
    EXPECT_EQ(bits(parse("-" + text).value()), bits(-0.0)) << text;
  }
  // Not beyond the range, though the exponent alone would be.
  EXPECT_EQ(parse("0." + zeros + "1e401"), 1.0);
  EXPECT_EQ(parse("1" + zeros + "e-400"), 1.0);
}

TEST(Number, ReadsAsTheCompilerDoes) {
  const struct {
    const char* text;
    double number;
  } cases[] = {
      {"0", 0},
      {"12.75", 12.75},
      {"-1234567890.5", -1234567890.5},
      {"1e5", 1e5},
      {"1E+5", 1e5},
      {"25e-1", 2.5},
      {"9007199254740993", 9007199254740992.0},  // a tie, to even
      {"9007199254740995", 9007199254740996.0},  // a tie, to even
      {"9007199254740992.5", 9007199254740992.0},
      {"9999999999999999999", 1e19},  // 19 digits: the most the mantissa holds
      {"18446744073709551616", 18446744073709551616.0},
      {"123456789012345678901234567890", 123456789012345678901234567890.0},
      {"0.1234567890123456789", 0.1234567890123456789},
      {"0.000000000000000000000001", 1e-24},
      {"9007199254740993e22", 9007199254740993e22},
      {"9007199254740991e22", 9007199254740991e22},
      {"9007199254740991e23", 9007199254740991e23},
      {"1e22", 1e22},
      {"1e23", 1e23},
      {"1e-22", 1e-22},
      {"1e-23", 1e-23},
      {"2.2250738585072011e-308", 2.2250738585072011e-308},
      {"5e-324", 5e-324},
      {"1.7976931348623158e308", 1.7976931348623158e308},
  };
  for (const auto& [text, number] : cases)
    EXPECT_EQ(bits(parse(text).value()), bits(number)) << text;
}

TEST(Number, RefusesWhatJsonRefuses_V2) {
  const struct {
    std::string_view text;
    int stop;  // where it goes wrong
  } cases[] = {{"", 0},   {"-", 1},  {"+1", 0},       {".5", 0},  {"01", 1},  {"-01", 2},
               {"00", 1}, {"1.", 2}, {"1.e5", 2},     {"1e", 2},  {"1e+", 3}, {"1e-x", 3},
               {"x", 0},  {"-x", 1}, {"Infinity", 0}, {"NaN", 0}, {"0123", 1}};
  for (const auto& [text, stop] : cases) {
    const std::vector<char> exact(text.begin(), text.end());
    const char* const end = exact.data() + exact.size();
    double number = 0;
    const char* at = nullptr;
    EXPECT_EQ(parse_number(exact.data(), end, number, &at), nullptr) << text;
    EXPECT_EQ(at - exact.data(), stop) << text;
  }
}

TEST(Number, ReadsShortNumbersAtAnyPlace) {
  for (const std::string_view before : {"", "[", "[1,2,3,4,", "[12345678,12345678,"}) {
    for (const std::string_view after : {"", "]", ",", " ", ",1234567890]"}) {
      for (const std::string_view digits : {"0", "7", "42", "123", "1234", "98765", "123456",
                                            "7654321", "9999999", "0.5", "12.25", "1234.75"}) {
        const std::string text = std::string(before) + std::string(digits) + std::string(after);
        const char* const p = text.data() + before.size();
        double number = -1;
        const char* const found =
            parse_short_number(text.data(), p, text.data() + text.size(), number);
        if (text.size() < 8) {
          EXPECT_EQ(found, nullptr);
          continue;
        }
        ASSERT_EQ(found, p + digits.size()) << text;
        EXPECT_EQ(number_to_string(number), digits) << text;
      }
    }
  }
}

TEST(Number, ReadsShortFractionsAsTheGeneralWayDoes_V7) {
  std::mt19937 random(1);
  for (int i = 0; i < 100'000; ++i) {
    const std::string whole = std::to_string(random() % 10'000'000 >> random() % 20);
    std::string places = std::to_string(random() % 10'000'000);
    places.insert(0, random() % (8 - places.size()), '0');
    const std::string text = whole + '.' + places + ",        ";
    const char* const p = text.data();
    double number = 0;
    ASSERT_EQ(parse_short_number(p, p, p + text.size(), number), p + text.find(',')) << text;
    ASSERT_EQ(bits(number), bits(parse(text.substr(0, text.find(','))).value())) << text;
  }
}

TEST(Number, ReadsThoseOfALongTextAsAnyOthers) {
  std::mt19937 random(2);
  std::string text = "[";
  std::vector<std::size_t> places;
  for (int i = 0; i < 10'000; ++i) {
    places.push_back(text.size());
    text += std::to_string(random() >> random() % 32);
    if (random() % 2) text += '.' + std::to_string(random() >> random() % 32);
    if (random() % 8 == 0) text += "e1";
    text += ',';
  }
  const char* const end = text.data() + text.size();
  DigitEnds ends(text.data());
  std::size_t read = 0;
  for (const std::size_t place : places) {
    const char* const p = text.data() + place;
    double expected = 0, number = 0;
    const char* const after = parse_short_number(ends, p, end, number);
    if (end - p < DigitEnds::kReach) {
      EXPECT_EQ(after, nullptr);
      continue;
    }
    ASSERT_EQ(after, parse_short_number(text.data(), p, end, expected)) << text.substr(place, 30);
    if (!after) continue;
    ASSERT_EQ(bits(number), bits(expected));
    ++read;
  }
  EXPECT_GT(read, places.size() / 4);
}

TEST(Number, LeavesOtherNumbersToTheGeneralWay) {
  for (const std::string_view text :
       {"12345678]", "1.5e3     ", "1.5E3     ", "1.        ", "1.12345678]", "1.123456",
        "1.e5    ", "01.5      ", "-1.5      ", "1e5     ", "1E5     ", "-1      ", "01      ",
        "]       ", "/       ", ":       ", "\xB1       "}) {
    double number = 0;
    EXPECT_EQ(parse_short_number(text.data(), text.data(), text.data() + text.size(), number),
              nullptr)
        << text;
  }
}

}  // namespace
}  // namespace capnweb
