#include "value/json_tape.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <string_view>

#include "unit/value/allocation_count.hpp"
#include "unit/value/join.hpp"
#include "value/json_writer.hpp"
#include "value/utf.hpp"

namespace capnweb {
namespace {

// Text in memory of exactly its size, so that a sanitizer sees a reader that goes beyond.
class Exact {
 public:
  explicit Exact(std::string_view text)
      : text_(std::make_unique<char[]>(text.size())), size_(text.size()) {
    text.copy(text_.get(), size_);
  }
  std::string_view view() const { return {text_.get(), size_}; }

 private:
  std::unique_ptr<char[]> text_;
  std::size_t size_;
};

// Parsed and printed again; or the error.
std::string reprint(std::string_view text, std::size_t max_nesting = JsonTape::kMaxNesting) {
  const Exact exact(text);
  JsonTape tape;
  const auto parsed = tape.parse(exact.view(), max_nesting);
  return parsed ? quote_json(*parsed, std::string::npos) : parsed.error().what();
}

std::string parse_string(std::string_view literal) {
  const Exact exact(literal);
  JsonTape tape;
  const auto parsed = tape.parse(exact.view());
  if (!parsed) return parsed.error().what();
  return std::string(parsed->string());
}

TEST(JsonTape, ReadsEveryType_V2) {
  for (const char* text :
       {"null", "true", "false", "0", "-1", "12.75", "\"\"", "\"abc\"", "[]", "{}", "[1]",
        "[[],[[]],{}]", "{\"a\":1}", "{\"a\":{\"b\":[1,2,{\"c\":null}]},\"d\":\"e\"}",
        "[\"push\",[\"pipeline\",0,[\"add\"],[5,3]]]"})
    EXPECT_EQ(reprint(text), text);
}

TEST(JsonTape, AllowsWhiteSpaceBetweenTokens_V2) {
  EXPECT_EQ(reprint(" \t\r\n{ \"a\" : [ 1 , 2 , { } , [ ] ] , \"b\" : null } \n"),
            "{\"a\":[1,2,{},[]],\"b\":null}");
  EXPECT_EQ(reprint("  7  "), "7");
}

TEST(JsonTape, KeepsBothOfTwoEqualKeys_V2) {
  EXPECT_EQ(reprint("{\"a\":1,\"a\":2}"), "{\"a\":1,\"a\":2}");
}

TEST(JsonTape, KeepsTheOrderOfKeys_V5) {
  EXPECT_EQ(reprint("{\"\":1,\"1\":2,\"0\":3}"), "{\"\":1,\"1\":2,\"0\":3}");
}

TEST(JsonTape, ViewsCountAndWalk) {
  JsonTape tape;
  const std::string text = "[\"a\",[1,[2,3]],{\"k\":4,\"l\":[5]},6]";
  const auto parsed = tape.parse(text);
  ASSERT_TRUE(parsed);
  const JsonView root = *parsed;
  EXPECT_TRUE(root.is_array());
  ASSERT_EQ(root.size(), 4u);
  EXPECT_EQ(root[0].string(), "a");
  EXPECT_EQ(root[0].size(), 0u);
  EXPECT_EQ(root[1][1][1].number(), 3);
  ASSERT_TRUE(root[2].is_object());
  EXPECT_EQ(root[2].size(), 2u);
  EXPECT_EQ(root[3].number(), 6);
  std::string seen;
  for (const JsonView element : root[2]) seen += quote_json(element) + ' ';
  EXPECT_EQ(seen, "\"k\" 4 \"l\" [5] ");
}

TEST(JsonTape, ReadsEscapes_V3) {
  EXPECT_EQ(parse_string(R"("\"\\\/\b\f\n\r\t")"), "\"\\/\b\f\n\r\t");
  EXPECT_EQ(parse_string(R"("\u0041\u00e9\u20AC\u0000!")"), std::string("A\u00e9\u20ac\0!", 8));
  EXPECT_EQ(parse_string(R"("before \u0041 between \n behind")"), "before A between \n behind");
}

TEST(JsonTape, JoinsEscapedSurrogatesAndKeepsLoneOnes_V4) {
  EXPECT_EQ(parse_string(R"("\ud83d\ude00")"), "\U0001F600");
  EXPECT_EQ(parse_string(R"("\uD83D\uDE00x")"), "\U0001F600x");
  EXPECT_EQ(parse_string(R"("\ud83d")"), "\xED\xA0\xBD");
  EXPECT_EQ(parse_string(R"("\ude00\ud83d")"), "\xED\xB8\x80\xED\xA0\xBD");
  EXPECT_EQ(parse_string(R"("\ud83d\ud83d\ude00")"), "\xED\xA0\xBD\U0001F600");
  EXPECT_EQ(parse_string(R"("\ud83dx")"), "\xED\xA0\xBDx");
  EXPECT_EQ(parse_string(R"("\ud83d\n")"), "\xED\xA0\xBD\n");
  EXPECT_EQ(parse_string(R"("\ud83d\u0041")"),
            "\xED\xA0\xBD"
            "A");
}

TEST(JsonTape, StringsOfOneMessageDoNotDisturbEachOther) {
  JsonTape tape;
  std::string text = "[";
  for (std::size_t i = 0; i < 200; ++i)
    text += "\"plain\",\"" + std::string(i, 'x') + "\\n\\u20ac\",";
  text += "0]";
  const auto parsed = tape.parse(text);
  ASSERT_TRUE(parsed);
  std::size_t i = 0;
  for (const JsonView element : *parsed) {
    if (i < 400) {
      const std::string expected = i % 2 == 0 ? "plain" : std::string(i / 2, 'x') + "\n\u20ac";
      ASSERT_EQ(element.string(), expected);
    }
    ++i;
  }
  EXPECT_EQ(i, 401u);
}

TEST(JsonTape, RefusesWhatIsNotJson_V2) {
  const struct {
    std::string_view text;
    const char* error;
  } cases[] = {
      {"", "SyntaxError: Unexpected end of JSON input"},
      {"  ", "SyntaxError: Unexpected end of JSON input"},
      {"foo", "SyntaxError: Unexpected token 'o' in JSON at position 1"},
      {"nul", "SyntaxError: Unexpected end of JSON input"},
      {"nulL", "SyntaxError: Unexpected token 'L' in JSON at position 3"},
      {"True", "SyntaxError: Unexpected token 'T' in JSON at position 0"},
      {"undefined", "SyntaxError: Unexpected token 'u' in JSON at position 0"},
      {"'a'", "SyntaxError: Unexpected token ''' in JSON at position 0"},
      {"[", "SyntaxError: Unexpected end of JSON input"},
      {"[1", "SyntaxError: Unexpected end of JSON input"},
      {"[1,", "SyntaxError: Unexpected end of JSON input"},
      {"[1,]", "SyntaxError: Unexpected token ']' in JSON at position 3"},
      {"[,1]", "SyntaxError: Unexpected token ',' in JSON at position 1"},
      {"[1 2]", "SyntaxError: Unexpected token '2' in JSON at position 3"},
      {"[1}", "SyntaxError: Unexpected token '}' in JSON at position 2"},
      {"]", "SyntaxError: Unexpected token ']' in JSON at position 0"},
      {"{", "SyntaxError: Unexpected end of JSON input"},
      {"{]", "SyntaxError: Unexpected token ']' in JSON at position 1"},
      {"{\"a\"", "SyntaxError: Unexpected end of JSON input"},
      {"{\"a\":", "SyntaxError: Unexpected end of JSON input"},
      {"{\"a\":1", "SyntaxError: Unexpected end of JSON input"},
      {"{\"a\":1,", "SyntaxError: Unexpected end of JSON input"},
      {"{\"a\":1,}", "SyntaxError: Unexpected token '}' in JSON at position 7"},
      {"{\"a\" 1}", "SyntaxError: Unexpected token '1' in JSON at position 5"},
      {"{\"a\":1]", "SyntaxError: Unexpected token ']' in JSON at position 6"},
      {"{a:1}", "SyntaxError: Unexpected token 'a' in JSON at position 1"},
      {"{1:1}", "SyntaxError: Unexpected token '1' in JSON at position 1"},
      {"[1]]", "SyntaxError: Unexpected text after JSON at position 3"},
      {"1 1", "SyntaxError: Unexpected text after JSON at position 2"},
      {"01", "SyntaxError: Unexpected token '1' in JSON at position 1"},
      {"[1.]", "SyntaxError: Unexpected token ']' in JSON at position 3"},
      {"-", "SyntaxError: Unexpected end of JSON input"},
      {"\"a", "SyntaxError: Unexpected end of JSON input"},
      {"\"a\\", "SyntaxError: Unexpected end of JSON input"},
      {"\"\\x\"", "SyntaxError: Bad escaped character in JSON at position 2"},
      {"\"\\u12g4\"", "SyntaxError: Bad Unicode escape in JSON at position 3"},
      {"\"\\u12\"", "SyntaxError: Bad Unicode escape in JSON at position 3"},
      {"\"\\ud83d\\u12\"", "SyntaxError: Bad Unicode escape in JSON at position 9"},
      {"/* */ 1", "SyntaxError: Unexpected token '/' in JSON at position 0"},
      {"\xEF\xBB\xBF"
       "1",
       "SyntaxError: Unexpected token 0xef in JSON at position 0"},
      {std::string_view("\0", 1), "SyntaxError: Unexpected token 0x00 in JSON at position 0"},
      {"\v1", "SyntaxError: Unexpected token 0x0b in JSON at position 0"},
  };
  for (const auto& [text, error] : cases) EXPECT_EQ(reprint(text), error) << text;
}

TEST(JsonTape, RefusesControlCharactersInStrings_V2) {
  for (int c = 0; c < 0x20; ++c) {
    const std::string text = "[\"ab" + std::string(1, static_cast<char>(c)) + "\"]";
    EXPECT_EQ(reprint(text),
              "SyntaxError: Control character in a string literal in JSON at position 4");
  }
  EXPECT_EQ(parse_string("\"\x7F\""), "\x7F");
}

TEST(JsonTape, RefusesInvalidUtf8) {
  for (const char* bytes : {"\xFF", "\x80", "\xC0\x80", "\xC3", "\xE2\x82", "\xED\xA0\x80",
                            "\xF4\x90\x80\x80", "\xF0\x80\x80\x80", "\xC3("}) {
    for (const char* after : {"", "behind it"}) {
      EXPECT_EQ(reprint("\"ab\u00e9" + std::string(bytes) + after + "\""),
                "SyntaxError: Invalid UTF-8 in JSON at position 5")
          << testing::PrintToString(bytes);
      EXPECT_EQ(reprint("\"\\nb\u00e9" + std::string(bytes) + after + "\"").substr(0, 28),
                "SyntaxError: Invalid UTF-8 i");
    }
  }
}

// Each special byte at each distance from the text's beginning and end: what is scanned sixteen
// bytes at a time must not depend on where they fall.
TEST(JsonTape, FindsSpecialBytesWhereverTheyStand) {
  for (std::size_t before = 0; before < 40; ++before) {
    for (std::size_t after = 0; after < 40; ++after) {
      const std::string a(before, 'a');
      const std::string b(after, 'b');
      ASSERT_EQ(parse_string(join({"\"", a, b, "\""})), join({a, b}));
      ASSERT_EQ(parse_string(join({"\"", a, "\\n", b, "\""})), join({a, "\n", b}));
      ASSERT_EQ(parse_string(join({"\"", a, "\u20ac", b, "\""})), join({a, "\u20ac", b}));
      ASSERT_EQ(reprint(join({"\"", a, "\x1f", b, "\""})),
                "SyntaxError: Control character in a string literal in JSON at position " +
                    std::to_string(before + 1));
      ASSERT_EQ(reprint(join({"\"", a, "\"", std::string(after, ' '), "x"})),
                "SyntaxError: Unexpected text after JSON at position " +
                    std::to_string(before + after + 2));
      ASSERT_EQ(reprint(join({"\"", a, b})), "SyntaxError: Unexpected end of JSON input");
    }
  }
}

TEST(JsonTape, RefusesEveryTextCutShort) {
  const std::string text =
      "{\"push\":[1,-2.5e+3,true,false,null,\"a\\n\\ud83d\\ude00\u20ac\",{\"k\":[]}],\"b\":{}}";
  EXPECT_EQ(reprint(text).substr(0, 7), "{\"push\"");
  for (std::size_t size = 0; size < text.size(); ++size)
    EXPECT_EQ(reprint(text.substr(0, size)).substr(0, 13), "SyntaxError: ") << size;
}

TEST(JsonTape, NestsUpToTheLimit_L4) {
  const auto nested = [](std::size_t levels) {
    return std::string(levels, '[') + std::string(levels, ']');
  };
  EXPECT_EQ(reprint(nested(3), 3), nested(3));
  EXPECT_EQ(reprint(nested(4), 3), "SyntaxError: Too many levels of nesting in JSON at position 3");
  EXPECT_EQ(reprint("{\"a\":{\"a\":{}}}", 2),
            "SyntaxError: Too many levels of nesting in JSON at position 10");
  EXPECT_EQ(reprint("1", 0), "1");
  // Levels that are closed again do not count.
  EXPECT_EQ(reprint("[[],[],[[]],[]]", 3), "[[],[],[[]],[]]");
  EXPECT_EQ(reprint(nested(JsonTape::kMaxNesting)), nested(JsonTape::kMaxNesting));
  EXPECT_EQ(reprint(std::string(1'000'000, '[')).substr(0, 30), "SyntaxError: Too many levels o");
}

TEST(JsonTape, ReadsNumbersBeyondDoublesAndNegativeZero_V8_V10) {
  JsonTape tape;
  const std::string text = "[-0,1e400,-1e400,1e-400,12345678901234567890123]";
  const auto parsed = tape.parse(text);
  ASSERT_TRUE(parsed);
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  EXPECT_EQ(std::bit_cast<std::uint64_t>((*parsed)[0].number()),
            std::bit_cast<std::uint64_t>(-0.0));
  EXPECT_EQ((*parsed)[1].number(), kInfinity);
  EXPECT_EQ((*parsed)[2].number(), -kInfinity);
  EXPECT_EQ((*parsed)[3].number(), 0);
  EXPECT_EQ((*parsed)[4].number(), 12345678901234567890123.0);
}

TEST(JsonTape, AllocatesNothingOnceWarm) {
  JsonTape tape;
  const std::string large = "[\"a long \\n string\",[1,2,3,4,5,6,7,8,9,10],{\"a\":{\"b\":1}}]";
  const std::string small = "[\"pull\",1234]";
  ASSERT_TRUE(tape.parse(large));
  const std::size_t before = allocation_count();
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(tape.parse(large));
    ASSERT_TRUE(tape.parse(small));
  }
  EXPECT_EQ(allocation_count(), before);
}

TEST(JsonTape, GivesTheMemoryOfHugeMessagesBack) {
  if (CAPNWEB_COUNTS_ALLOCATIONS == 0) GTEST_SKIP() << "not counted here";
  JsonTape tape;
  std::string huge = "[\"\\n\"";
  for (int i = 0; i < 1'000'000; ++i) huge += ",1";
  huge += ']';
  const auto parsed = tape.parse(huge);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->size(), 1'000'001u);
  // The same again needs nothing, a small one starts afresh: its first nodes, its first escape.
  const std::size_t before = allocation_count();
  ASSERT_TRUE(tape.parse(huge));
  EXPECT_EQ(allocation_count(), before);
  ASSERT_TRUE(tape.parse("[\"\\n\"]"));
  EXPECT_EQ(allocation_count(), before + 2);
}

TEST(JsonTape, IsUsableAfterAnError) {
  JsonTape tape;
  EXPECT_FALSE(tape.parse("[1,{\"a\":\"\\u20\"}"));
  const auto parsed = tape.parse("[\"\\t\"]");
  ASSERT_TRUE(parsed);
  EXPECT_EQ((*parsed)[0].string(), "\t");
}

}  // namespace
}  // namespace capnweb
