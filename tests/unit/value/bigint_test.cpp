#include <gtest/gtest.h>

#include <capnweb/bigint.hpp>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <random>
#include <string>
#include <string_view>

namespace capnweb {
namespace {

std::string reprint(std::string_view text) {
  const auto parsed = BigInt::parse(text);
  return parsed ? parsed->to_string() : "refused";
}

TEST(BigInt, PrintsDecimalDigits_V13) {
  EXPECT_EQ(BigInt().to_string(), "0");
  EXPECT_EQ(BigInt(0).to_string(), "0");
  EXPECT_EQ(BigInt(-5).to_string(), "-5");
  EXPECT_EQ(BigInt(999'999'999).to_string(), "999999999");
  EXPECT_EQ(BigInt(1'000'000'000).to_string(), "1000000000");
  EXPECT_EQ(BigInt(-1'000'000'007LL).to_string(), "-1000000007");
  EXPECT_EQ(BigInt(std::numeric_limits<std::int64_t>::min()).to_string(), "-9223372036854775808");
  EXPECT_EQ(BigInt(std::numeric_limits<std::uint64_t>::max()).to_string(), "18446744073709551615");
  EXPECT_EQ(BigInt(static_cast<std::int8_t>(-128)).to_string(), "-128");
}

TEST(BigInt, ReadsWhatJavaScriptReads_V14) {
  const struct {
    std::string_view text;
    std::string_view printed;
  } cases[] = {
      {"", "0"},
      {"   ", "0"},
      {"+5", "5"},
      {"-0", "0"},
      {"-5", "-5"},
      {"00012", "12"},
      {"00000000000000000000000000", "0"},
      {" \t\n\v\f\r5 ", "5"},
      {"\u00a0\ufeff5\u2028\u3000", "5"},
      {"0x10", "16"},
      {"0XfF", "255"},
      {"0o7", "7"},
      {"0O17", "15"},
      {"0b1", "1"},
      {"0B1010", "10"},
      {"0x000", "0"},
      {"0xffffffffffffffffffffffff", "79228162514264337593543950335"},
      {"0o7777777777777777777777777777", "19342813113834066795298815"},
      {"123456789012345678901234567890", "123456789012345678901234567890"},
      {"-100000000000000000000000000", "-100000000000000000000000000"},
  };
  for (const auto& [text, printed] : cases) EXPECT_EQ(reprint(text), printed) << text;
}

TEST(BigInt, RefusesAllElse_V14) {
  for (const char* text :
       {"1_0",  "1.5",  "abc",   "+",   "-",      "- 5",  "+-5",   "--5",   "1n",
        "1e3",  "0x",   "0o",    "0b",  "0xg",    "0o8",  "0b2",   "-0x10", "+0x10",
        "0x-1", "0x 1", "0x1_0", "1 2", "\u0663", "\xff", "5\xff", "\x80"})
    EXPECT_EQ(BigInt::parse(text), std::nullopt) << text;
}

TEST(BigInt, ReadsOtherBasesUpToABound) {
  // 16^2047 in decimal begins and ends like this.
  const auto largest = BigInt::parse("0x1" + std::string(2047, '0'));
  ASSERT_TRUE(largest);
  EXPECT_EQ(largest->to_string().size(), 2465u);
  EXPECT_EQ(BigInt::parse("0x1" + std::string(2048, '0')), std::nullopt);
  EXPECT_EQ(BigInt::parse("0b1" + std::string(64, '0')), BigInt::parse("18446744073709551616"));
}

TEST(BigInt, ReadsLongDecimalsInLinearTime_V15) {
  std::mt19937 random(5);
  std::string digits = "-7";
  while (digits.size() < 2'000'000) digits += static_cast<char>('0' + random() % 10);
  EXPECT_EQ(reprint(digits), digits);
}

TEST(BigInt, ReadsBackWhatItPrints) {
  std::mt19937_64 random(6);
  for (int round = 0; round < 2000; ++round) {
    const auto value = static_cast<std::int64_t>(random() >> (random() % 64));
    ASSERT_EQ(BigInt(value).to_string(), std::to_string(value));
    ASSERT_EQ(BigInt::parse(std::to_string(value)), BigInt(value));
    ASSERT_EQ(BigInt(value).to_int64(), value);
    ASSERT_EQ(BigInt(-value).to_int64(), -value);
  }
}

TEST(BigInt, ConvertsToIntegersThatHoldIt) {
  constexpr auto kMin = std::numeric_limits<std::int64_t>::min();
  constexpr auto kMax = std::numeric_limits<std::uint64_t>::max();
  EXPECT_EQ(BigInt(kMin).to_int64(), kMin);
  EXPECT_EQ(BigInt(kMin).to_uint64(), std::nullopt);
  EXPECT_EQ(BigInt(kMax).to_uint64(), kMax);
  EXPECT_EQ(BigInt(kMax).to_int64(), std::nullopt);
  EXPECT_EQ(BigInt::parse("9223372036854775807")->to_int64(),
            std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(BigInt::parse("9223372036854775808")->to_int64(), std::nullopt);
  EXPECT_EQ(BigInt::parse("-9223372036854775809")->to_int64(), std::nullopt);
  EXPECT_EQ(BigInt::parse("18446744073709551616")->to_uint64(), std::nullopt);
  EXPECT_EQ(BigInt::parse("99999999999999999999999999999")->to_uint64(), std::nullopt);
  EXPECT_EQ(BigInt().to_uint64(), 0u);
}

TEST(BigInt, ConvertsToTheNearestDouble) {
  EXPECT_EQ(BigInt().to_double(), 0.0);
  EXPECT_FALSE(std::signbit(BigInt().to_double()));
  EXPECT_EQ(BigInt(-5).to_double(), -5.0);
  EXPECT_EQ(BigInt::parse("9007199254740993")->to_double(), 9007199254740992.0);
  EXPECT_EQ(BigInt::parse("-100000000000000000000000")->to_double(), -1e23);
  // A tie of a number with almost 300 digits, decided by the last of them.
  const std::string tie = "0x1" + std::string(13, '0') + "8" + std::string(230, '0');
  const double below_tie = std::ldexp(1.0, 976);
  EXPECT_EQ(BigInt::parse(tie)->to_double(), below_tie);
  EXPECT_EQ(BigInt::parse(tie.substr(0, tie.size() - 1) + "1")->to_double(),
            std::nextafter(below_tie, HUGE_VAL));
  EXPECT_EQ(BigInt::parse("1" + std::string(308, '0'))->to_double(), 1e308);
  EXPECT_EQ(BigInt::parse(std::string(309, '9'))->to_double(), HUGE_VAL);
  EXPECT_EQ(BigInt::parse("-" + std::string(20'000, '9'))->to_double(), -HUGE_VAL);
}

TEST(BigInt, KnowsItsSignAndItsEquals) {
  EXPECT_TRUE(BigInt(-1).is_negative());
  EXPECT_FALSE(BigInt::parse("-0")->is_negative());
  EXPECT_EQ(*BigInt::parse("-0"), BigInt(0));
  EXPECT_NE(BigInt(1), BigInt(-1));
  EXPECT_NE(BigInt(1), BigInt(1'000'000'001));
}

}  // namespace
}  // namespace capnweb
