#include "value/json_writer.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <string_view>

#include "unit/value/allocation_count.hpp"
#include "unit/value/join.hpp"
#include "value/json_tape.hpp"
#include "value/text_scan.hpp"
#include "value/utf.hpp"

namespace capnweb {
namespace {

std::string write(std::string_view text) {
  std::string out = "[";
  write_json_string(out, text);
  return out.substr(1);
}

TEST(JsonWriter, EscapesAsJsonStringifyDoes_V3) {
  EXPECT_EQ(write(""), "\"\"");
  EXPECT_EQ(write("abc"), "\"abc\"");
  EXPECT_EQ(write("\" \\ / \b \t \n \f \r"), R"("\" \\ / \b \t \n \f \r")");
  EXPECT_EQ(write(std::string_view("\0\x01\x0b\x1f\x7f", 5)),
            "\"\\u0000\\u0001\\u000b\\u001f\x7f\"");
  EXPECT_EQ(write("\u2028\u2029\u00e9\U0001F600"), "\"\u2028\u2029\u00e9\U0001F600\"");
}

TEST(JsonWriter, EscapesLoneSurrogates_V4) {
  EXPECT_EQ(write("a\xED\xA0\x80z"), R"("a\ud800z")");
  EXPECT_EQ(write("\xED\xBF\xBF"), R"("\udfff")");
  EXPECT_EQ(write("\xED\x9F\xBF"), "\"\xED\x9F\xBF\"");  // U+D7FF is none
}

TEST(JsonWriter, ReplacesWhatIsNoText) {
  EXPECT_EQ(write("a\xFFz"), "\"a\uFFFDz\"");
  EXPECT_EQ(write("\xE2\x82"), "\"\uFFFD\uFFFD\"");
  EXPECT_EQ(write("\u00e9\xC3(\u00e9"), "\"\u00e9\uFFFD(\u00e9\"");
}

TEST(JsonWriter, FindsSpecialBytesWhereverTheyStand) {
  for (std::size_t before = 0; before < 40; ++before) {
    for (std::size_t after = 0; after < 40; ++after) {
      const std::string a(before, 'a');
      const std::string b(after, 'b');
      ASSERT_EQ(write(join({a, "\n", b})), join({"\"", a, "\\n", b, "\""}));
      ASSERT_EQ(write(join({a, "\u20ac", b})), join({"\"", a, "\u20ac", b, "\""}));
      ASSERT_EQ(write(join({a, "\xED\xA0\x80", b})), join({"\"", a, "\\ud800", b, "\""}));
    }
  }
}

TEST(JsonWriter, CopiesPlainTextOnly_V3) {
  for (std::size_t size = 0; size < 70; ++size) {
    const std::string plain(size, 'a');
    std::string copy(size + 1, '#');
    ASSERT_TRUE(copy_plain_json(copy.data(), plain.data(), size));
    ASSERT_EQ(copy, plain + '#');
    for (std::size_t place = 0; place < size; ++place) {
      for (const char special : {'"', '\\', '\n', '\0', '\x1f', '\x80', '\xff'}) {
        std::string text = plain;
        text[place] = special;
        ASSERT_FALSE(copy_plain_json(copy.data(), text.data(), size)) << size << ' ' << place;
        ASSERT_EQ(copy.back(), '#');
      }
    }
  }
}

TEST(JsonWriter, WritesLongStringsWhole) {
  std::string text;
  std::string expected = "\"";
  std::mt19937 random(7);
  while (text.size() < 100'000) {
    const std::string run(random() % 3000, 'x');
    text += run + "\"\U0001F600";
    expected += run + "\\\"\U0001F600";
  }
  EXPECT_EQ(write(text), expected + '"');
}

TEST(JsonWriter, IsReadBackTheSame_V4) {
  std::mt19937 random(8);
  JsonTape tape;
  for (int round = 0; round < 20'000; ++round) {
    std::string text;
    for (std::size_t left = random() % 20; left > 0; --left) {
      constexpr std::uint32_t kLimits[] = {0x20, 0x80, 0x800, 0x10000, 0x110000};
      auto code_point = static_cast<std::uint32_t>(random() % kLimits[random() % 5]);
      if (random() % 8 == 0) code_point = 0xD800 | (code_point & 0x7FF);
      char encoded[4];
      text.append(encoded, encode_wtf8(code_point, encoded));
    }
    if (!is_valid_wtf8(text)) continue;  // a pair of surrogates that came about
    const std::string written = write(text);
    ASSERT_TRUE(is_valid_utf8(written));
    const auto parsed = tape.parse(written);
    ASSERT_TRUE(parsed) << written;
    ASSERT_EQ(parsed->string(), text);
  }
}

TEST(JsonWriter, WritesNumbers_V7_V8) {
  std::string out;
  for (const double number : {0.1, 1e21, -0.0, 5.0}) {
    write_json_number(out, number);
    out += ' ';
  }
  write_json_integer(out, -9223372036854775807LL - 1);
  EXPECT_EQ(out, "0.1 1e+21 0 5 -9223372036854775808");
}

std::string quote(std::string_view text, std::size_t max_bytes = 512) {
  JsonTape tape;
  const auto parsed = tape.parse(text);
  return parsed ? quote_json(*parsed, max_bytes) : "not JSON";
}

TEST(QuoteJson, PrintsWhatJsonStringifyPrints) {
  EXPECT_EQ(quote(" [ 1 , { \"a\" : [ null , true , false ] , \"b\" : \"\\u000a\" } ] "),
            "[1,{\"a\":[null,true,false],\"b\":\"\\n\"}]");
  EXPECT_EQ(quote("[1e400,-0]"), "[null,0]");
}

TEST(QuoteJson, CutsAtTheBoundAndAtACharacter_L11) {
  EXPECT_EQ(quote("[1,2,3]", 7), "[1,2,3]");
  EXPECT_EQ(quote("[1,2,3]", 6), "[1,2,3...");
  EXPECT_EQ(quote("{\"a\":{\"b\":1}}", 5), "{\"a\":...");
  EXPECT_EQ(quote("\"a\u20ac\"", 3), "\"a...");
  EXPECT_EQ(quote("\"" + std::string(1'000'000, 'x') + "\"", 4), "\"xxx...");
  EXPECT_EQ(quote("[1]", 0), "...");
}

TEST(QuoteJson, StopsEarlyInDeepAndLongTexts_L10) {
  const std::string deep = std::string(1000, '[') + std::string(1000, ']');
  EXPECT_EQ(quote(deep, 10), "[[[[[[[[[[...");
  std::string wide = "[0";
  for (int i = 0; i < 100'000; ++i) wide += ",0";
  wide += ']';
  EXPECT_EQ(quote(wide), wide.substr(0, 512) + "...");
  // Its own text stays short: it grows a few times, not up to all of the message.
  JsonTape tape;
  const auto parsed = tape.parse(wide);
  const std::size_t before = allocation_count();
  static_cast<void>(quote_json(*parsed));
  EXPECT_LE(allocation_count() - before, 10u);
}

}  // namespace
}  // namespace capnweb
