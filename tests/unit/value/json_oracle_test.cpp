// json_oracle_test.cpp: our reader against simdjson's, on documents made by chance (fixed seeds).
#include "support/json_oracle.hpp"

#include <gtest/gtest.h>
#include <simdjson.h>

#include <random>
#include <string>
#include <string_view>

#include "value/json_tape.hpp"
#include "value/json_writer.hpp"

namespace capnweb {
namespace {

class Generator {
 public:
  explicit Generator(unsigned seed) : random_(seed) {}

  std::string document() {
    out_.clear();
    value(0);
    return out_;
  }

  // Changes one byte, or takes one out, or puts one in.
  void damage(std::string& text) {
    constexpr std::string_view kBytes =
        "[]{}:,\"\\/0123456789-+.eEtrufalsn \n\x01\x80\xC3\xE2\xED\xF0";
    const std::size_t at = pick(text.size());
    switch (pick(3)) {
      case 0:
        text[at] = kBytes[pick(kBytes.size())];
        break;
      case 1:
        text.erase(at, 1);
        break;
      default:
        text.insert(at, 1, kBytes[pick(kBytes.size())]);
    }
  }

 private:
  std::size_t pick(std::size_t count) { return random_() % count; }
  template <std::size_t N>
  void one_of(const char* const (&choices)[N]) {
    out_ += choices[pick(N)];
  }

  void space() {
    if (pick(6) == 0) one_of({" ", "\n", "\t ", "\r\n"});
  }

  void value(int depth) {
    space();
    switch (pick(depth > 6 ? 6 : 10)) {
      case 0:
        one_of({"null", "true", "false"});
        break;
      case 1:
      case 2:
      case 3:
        number();
        break;
      case 4:
      case 5:
        string();
        break;
      case 6:
      case 7:
        elements('[', ']', depth);
        break;
      default:
        elements('{', '}', depth);
    }
    space();
  }

  void elements(char open, char close, int depth) {
    out_ += open;
    space();
    for (std::size_t i = 0, count = pick(6); i < count; ++i) {
      if (i > 0) out_ += ',';
      if (open == '{') {
        space();
        string();
        space();
        out_ += ':';
      }
      value(depth + 1);
    }
    out_ += close;
  }

  void digits(std::size_t most) {
    for (std::size_t left = 1 + pick(most); left > 0; --left)
      out_ += static_cast<char>('0' + pick(10));
  }

  void number() {
    if (pick(4) == 0) out_ += '-';
    if (pick(5) == 0) {
      out_ += '0';
    } else {
      out_ += static_cast<char>('1' + pick(9));
      if (pick(2) == 0) digits(pick(4) == 0 ? 17 : 4);
    }
    if (pick(3) == 0) {
      out_ += '.';
      digits(pick(4) == 0 ? 25 : 4);
    }
    if (pick(5) == 0) {
      one_of({"e", "E", "e+", "e-", "E-"});
      digits(pick(8) == 0 ? 3 : 2);
    }
  }

  void string() {
    out_ += '"';
    for (std::size_t left = pick(pick(8) == 0 ? 60 : 8); left > 0; --left) {
      switch (pick(12)) {
        case 0:
          one_of({"\\\"", "\\\\", "\\/", "\\b", "\\f", "\\n", "\\r", "\\t"});
          break;
        case 1:
          one_of({"\\u0041", "\\u00e9", "\\u20AC", "\\ud83d\\ude00", "\\u0000"});
          break;
        case 2:
          one_of({"\u00e9", "\u20ac", "\U0001F600", "\u07ff", "\uffff", "\U0010FFFF"});
          break;
        default:
          out_ += static_cast<char>('a' + pick(26));
      }
    }
    out_ += '"';
  }

  std::mt19937 random_;
  std::string out_;
};

using testing::has_known_difference;
using testing::same;
using Element = simdjson::dom::element;

class JsonOracle : public ::testing::Test {
 protected:
  // Whether both readers accept the text; fails the test where they do not agree.
  bool agree(const std::string& text) {
    const auto ours = tape_.parse(text);
    Element theirs;
    const bool they_accept = parser_.parse(text).get(theirs) == simdjson::SUCCESS;
    if (ours && they_accept) {
      EXPECT_TRUE(same(*ours, theirs)) << text;
    } else if (ours) {
      EXPECT_TRUE(has_known_difference(*ours)) << text;
    } else {
      EXPECT_FALSE(they_accept) << ours.error().what() << '\n' << text;
    }
    return ours && they_accept;
  }

  JsonTape tape_;
  simdjson::dom::parser parser_;
};

TEST_F(JsonOracle, AgreesOnWhatIsJson_V2) {
  Generator generator(9);
  for (int round = 0; round < 30'000 && !HasFailure(); ++round) {
    const std::string text = generator.document();
    const bool both = agree(text);
    ASSERT_TRUE(tape_.parse(text)) << text;
    EXPECT_TRUE(both || has_known_difference(*tape_.parse(text))) << text;
  }
}

TEST_F(JsonOracle, AgreesOnDamagedTexts_V2) {
  Generator generator(10);
  int accepted = 0;
  int refused = 0;
  for (int round = 0; round < 60'000 && !HasFailure(); ++round) {
    std::string text = generator.document();
    if (text.size() > 200) continue;  // where the damage would often be harmless
    generator.damage(text);
    ++(agree(text) ? accepted : refused);
  }
  EXPECT_GT(accepted, 5000);
  EXPECT_GT(refused, 5000);
}

TEST_F(JsonOracle, PrintsWhatReadsBackTheSame) {
  Generator generator(11);
  JsonTape again;
  for (int round = 0; round < 10'000 && !HasFailure(); ++round) {
    const std::string text = generator.document();
    const auto first = tape_.parse(text);
    ASSERT_TRUE(first);
    const std::string printed = quote_json(*first, std::string::npos);
    const auto second = again.parse(printed);
    ASSERT_TRUE(second) << printed;
    EXPECT_EQ(quote_json(*second, std::string::npos), printed);
  }
}

}  // namespace
}  // namespace capnweb
