#include "value/utf.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <random>
#include <string>
#include <string_view>

namespace capnweb {
namespace {

std::string encode(std::uint32_t code_point) {
  char text[4];
  return {text, encode_wtf8(code_point, text)};
}

TEST(Utf, EncodesAndDecodesEveryCodePoint) {
  for (std::uint32_t c = 0; c <= 0x10FFFF; ++c) {
    const std::string text = encode(c);
    const CodePoint decoded = decode_wtf8(text.data(), text.data() + text.size());
    ASSERT_EQ(decoded.value, c);
    ASSERT_EQ(decoded.size, text.size());
    ASSERT_EQ(is_valid_utf8(text), !is_surrogate(c)) << c;
    ASSERT_EQ(is_valid_utf8(text + "pad"), !is_surrogate(c)) << c;
    ASSERT_TRUE(is_valid_wtf8(text)) << c;
    ASSERT_EQ(utf16_length(text), c > 0xFFFF ? 2u : 1u);
  }
}

// The definition of UTF-8, byte by byte, to hold the fast ways against.
bool is_valid_by_the_book(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto at = [&](std::size_t k) {
      return i + k < text.size() ? static_cast<unsigned char>(text[i + k]) : 0u;
    };
    const auto in = [](unsigned byte, unsigned low, unsigned high) {
      return byte >= low && byte <= high;
    };
    const unsigned first = at(0);
    const bool tail2 = in(at(2), 0x80, 0xBF);
    const bool tail3 = tail2 && in(at(3), 0x80, 0xBF);
    if (first < 0x80) {
      i += 1;
    } else if (in(first, 0xC2, 0xDF) && in(at(1), 0x80, 0xBF)) {
      i += 2;
    } else if (tail2 && ((first == 0xE0 && in(at(1), 0xA0, 0xBF)) ||
                         (first == 0xED && in(at(1), 0x80, 0x9F)) ||
                         (in(first, 0xE1, 0xEF) && first != 0xED && in(at(1), 0x80, 0xBF)))) {
      i += 3;
    } else if (tail3 && ((first == 0xF0 && in(at(1), 0x90, 0xBF)) ||
                         (first == 0xF4 && in(at(1), 0x80, 0x8F)) ||
                         (in(first, 0xF1, 0xF3) && in(at(1), 0x80, 0xBF)))) {
      i += 4;
    } else {
      return false;
    }
  }
  return true;
}

TEST(Utf, ValidatesAsTheBookSays) {
  std::mt19937 random(1);
  // The bytes at the edges of the ranges, so that random texts are often nearly right.
  constexpr std::string_view kBytes =
      "a\x7F\x80\x8F\x90\x9F\xA0\xBF\xC0\xC1\xC2\xDF\xE0\xE1\xEC\xED\xEE\xEF\xF0\xF1\xF3\xF4\xF5";
  int valid = 0;
  for (int round = 0; round < 300'000; ++round) {
    std::string text;
    for (std::size_t left = 1 + random() % 6; left > 0; --left)
      text += kBytes[random() % kBytes.size()];
    ASSERT_EQ(is_valid_utf8(text), is_valid_by_the_book(text)) << testing::PrintToString(text);
    valid += is_valid_utf8(text) ? 1 : 0;
  }
  EXPECT_GT(valid, 1000);
}

TEST(Utf, TellsWtf8FromPairsThatShouldBeJoined_V4) {
  EXPECT_TRUE(
      is_valid_wtf8("a\xED\xA0\xBD"
                    "b"));
  EXPECT_TRUE(is_valid_wtf8("\xED\xB8\x80\xED\xA0\xBD"));   // low, high
  EXPECT_FALSE(is_valid_wtf8("\xED\xA0\xBD\xED\xB8\x80"));  // high, low: one character
  EXPECT_TRUE(
      is_valid_wtf8("\xED\xA0\xBD"
                    "a\xED\xB8\x80"));
  EXPECT_FALSE(is_valid_wtf8("\xED\xA0"));
  EXPECT_FALSE(is_valid_wtf8("\xFF"));
}

TEST(Utf, JoinsSurrogates_V4) {
  EXPECT_EQ(join_surrogates(0xD83D, 0xDE00), 0x1F600u);
  EXPECT_TRUE(is_high_surrogate(0xDBFF));
  EXPECT_FALSE(is_high_surrogate(0xDC00));
  EXPECT_TRUE(is_low_surrogate(0xDFFF));
  EXPECT_FALSE(is_surrogate(0xE000));
}

TEST(Utf, CountsUtf16UnitsAtEveryLength_L1) {
  const std::string_view characters[] = {"a", "\u00e9", "\u20ac", "\U0001F600", "\xED\xA0\x80"};
  std::mt19937 random(2);
  for (int round = 0; round < 2000; ++round) {
    std::string text;
    std::size_t units = 0;
    for (std::size_t left = random() % 60; left > 0; --left) {
      const std::string_view character = characters[random() % std::size(characters)];
      text += character;
      units += character.size() == 4 ? 2 : 1;
    }
    ASSERT_EQ(utf16_length(text), units);
  }
  EXPECT_EQ(utf16_length(std::string(100'000, 'x')), 100'000u);
}

TEST(Utf, ClipsAtCharacters_L11) {
  const std::string_view text = "a\u00e9\u20ac\U0001F600z";  // 1, 2, 3, 4 and 1 bytes
  const std::size_t expected[] = {0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 11, 11};
  for (std::size_t bytes = 0; bytes < std::size(expected); ++bytes)
    EXPECT_EQ(clip_bytes(text, bytes).size(), expected[bytes]) << bytes;
  // Bytes that are no text are cut anywhere.
  EXPECT_EQ(clip_bytes("\x80\x80\x80\x80\x80\x80", 5).size(), 5u);
}

TEST(Utf, ClipsAtUtf16Units_V22) {
  const std::string_view text = "a\u00e9\u20ac\U0001F600z";
  const std::size_t expected[] = {0, 1, 3, 6, 6, 10, 11, 11};
  for (std::size_t units = 0; units < std::size(expected); ++units)
    EXPECT_EQ(clip_utf16(text, units).size(), expected[units]) << units;
}

TEST(Utf, AppendsWholeCharactersAndReplacesWhatIsNone) {
  const auto appended = [](std::string_view text, std::size_t bytes) {
    std::string out = ">";
    append_as_utf8(out, text, bytes);
    return out;
  };
  EXPECT_EQ(appended("a\u20acz", 9), ">a\u20acz");
  EXPECT_EQ(appended("a\u20acz", 3), ">a");
  EXPECT_EQ(appended("a\xFFz", 9), ">a\uFFFDz");
  EXPECT_EQ(appended("\xED\xA0\x80", 9), ">\uFFFD");
  EXPECT_EQ(appended("\xFF\xFF", 5), ">\uFFFD");
  EXPECT_EQ(appended("", 5), ">");
}

}  // namespace
}  // namespace capnweb
