#include "wire/message.hpp"

#include <gtest/gtest.h>

#include "fakes.hpp"
#include "value/json_writer.hpp"

namespace capnweb::testing {
namespace {

// A message in words, or the error.
std::string read(const std::string& text) {
  Parsed json(text);
  const auto message = read_message(*json);
  if (!message) return message.error().what();
  static constexpr const char* kNames[] = {"push",    "stream", "pipe",    "pull",
                                           "resolve", "reject", "release", "abort"};
  std::string words = kNames[static_cast<std::size_t>(message->type)];
  words += " " + serialize(message->id) + " " + serialize(message->count);
  if (message->has_expression) words += " " + quote_json(message->expression);
  return words;
}

TEST(ReadMessage, KnowsEachKind) {
  EXPECT_EQ(read(R"(["push",["pipeline",0]])"), R"(push 0 0 ["pipeline",0])");
  EXPECT_EQ(read(R"(["stream",5])"), "stream 0 0 5");
  EXPECT_EQ(read(R"(["pipe"])"), "pipe 0 0");
  EXPECT_EQ(read(R"(["pull",7])"), "pull 7 0");
  EXPECT_EQ(read(R"(["resolve",-2,null])"), "resolve -2 0 null");
  EXPECT_EQ(read(R"(["reject",3,"x"])"), "reject 3 0 \"x\"");
  EXPECT_EQ(read(R"(["release",-1,2])"), "release -1 2");
  EXPECT_EQ(read(R"(["abort",["undefined"]])"), R"(abort 0 0 ["undefined"])");
}

TEST(ReadMessage, AnAbortNeedsNoExpression_M39) { EXPECT_EQ(read(R"(["abort"])"), "abort 0 0"); }

TEST(ReadMessage, IgnoresWhatStandsBehind_M7_M37) {
  EXPECT_EQ(read(R"(["push",5,6])"), "push 0 0 5");
  EXPECT_EQ(read(R"(["pipe",[],1])"), "pipe 0 0");
  EXPECT_EQ(read(R"(["pull",1,2,3])"), "pull 1 0");
  EXPECT_EQ(read(R"(["resolve",1,2,3])"), "resolve 1 0 2");
  EXPECT_EQ(read(R"(["release",1,2,3])"), "release 1 2");
}

TEST(ReadMessage, LeavesOddIdsToTheTables_M6) {
  EXPECT_EQ(read(R"(["pull",1.5])"), "pull 1.5 0");
  EXPECT_EQ(read(R"(["resolve",1e400,1])"), R"(resolve ["inf"] 0 1)");
}

TEST(ReadMessage, RefusesEverythingElse_M7_M22_M27_M42) {
  for (const char* text : {R"(["foo",1])",
                           "{}",
                           "null",
                           "5",
                           "\"push\"",
                           "[]",
                           R"([["push",1]])",
                           "[5]",
                           "[null]",
                           R"(["push"])",
                           R"(["stream"])",
                           R"(["pull"])",
                           R"(["pull","1"])",
                           R"(["pull",null])",
                           R"(["resolve",1])",
                           R"(["resolve","1",2])",
                           R"(["reject",1])",
                           R"(["reject",null,2])",
                           R"(["release",1])",
                           R"(["release",1,"1"])",
                           R"(["release",null,1])",
                           R"(["PUSH",1])"})
    EXPECT_EQ(read(text), "bad RPC message: " + std::string(text));
}

TEST(ReadMessage, QuotesABadMessageBounded_L11) {
  EXPECT_LT(read("[\"foo\",\"" + std::string(100'000, 'x') + "\"]").size(), 600u);
}

// Visits a text, and all that one wrong byte makes of it: in place of another, before another, or
// as the end.
template <class Visit>
void for_each_mangled(const std::string& text, std::string_view bytes, Visit visit) {
  visit(text);
  for (std::size_t i = 0; i < text.size(); ++i) {
    for (const char c : bytes) {
      std::string changed = text;
      changed[i] = c;
      visit(changed);
      changed.insert(i, 1, text[i]);
      visit(changed);
    }
    visit(text.substr(0, i));
  }
}

// Whatever is taken for a call is one, if the arguments are an array.
TEST(ReadBriefCall, IsTheSameAsParsing) {
  std::size_t recognised = 0;
  const auto compare = [&](const std::string& text) {
    const auto brief = read_brief_call(text);
    JsonTape part;
    const auto arguments = brief ? part.parse(brief->arguments) : Expected<JsonView>(Error(""));
    if (!arguments) return;
    ++recognised;
    JsonTape tape;
    const auto json = tape.parse(text);
    ASSERT_TRUE(json) << text;
    const auto whole = read_message(*json);
    ASSERT_TRUE(whole) << text;
    ASSERT_EQ(whole->type, brief->is_stream ? Message::Type::kStream : Message::Type::kPush);
    const JsonView call = whole->expression;
    ASSERT_EQ(call.size(), 4u) << text;
    EXPECT_EQ(call[0].string(), "pipeline") << text;
    EXPECT_EQ(call[1].number(), brief->id) << text;
    ASSERT_EQ(call[2].size(), 1u) << text;
    EXPECT_EQ(call[2][0].string(), brief->method) << text;
    EXPECT_TRUE(arguments->is_array()) << text;
    EXPECT_EQ(quote_json(call[3]), quote_json(*arguments)) << text;
  };
  for (const std::string text :
       {R"(["push",["pipeline",0,["add"],[5,3]]])", R"(["push",["pipeline",-12,["a b"],[]]])",
        R"(["push",["pipeline",123456,["authenticate"],[[[1]],{"a":"]]"}]]])",
        R"(["stream",["pipeline",7,["write"],["x"]]])",
        R"(["push",["pipeline",0,["add"],[5],[3]]])", R"(["push",["pipeline",0,["\u0061"],[]]])"})
    for_each_mangled(text, "019-.,[]{}\"\\: a\x01\x80", compare);
  EXPECT_GT(recognised, 300u);
  EXPECT_TRUE(read_brief_call(R"(["push",["pipeline",0,["add"],[5,3]]])"));
  EXPECT_FALSE(read_brief_call(R"(["push",["pipeline",0,["add","x"],[5,3]]])"));
  EXPECT_TRUE(read_brief_call(R"(["stream",["pipeline",1,["write"],["x"]]])"));
}

// What is recognised without parsing is what parsing gives, for every text that a byte in the wrong
// place makes of a brief message.
TEST(ReadBriefMessage, IsTheSameAsParsing) {
  std::size_t recognised = 0;
  const auto compare = [&](const std::string& text) {
    const auto brief = read_brief_message(text);
    if (!brief) return;
    ++recognised;
    JsonTape tape;
    const auto json = tape.parse(text);
    ASSERT_TRUE(json) << text;
    const auto whole = read_message(*json);
    ASSERT_TRUE(whole) << text;
    EXPECT_EQ(brief->type, whole->type) << text;
    EXPECT_EQ(brief->id, whole->id) << text;
    EXPECT_EQ(brief->count, whole->count) << text;
    EXPECT_FALSE(brief->has_expression) << text;
  };
  for (const std::string text :
       {R"(["pull",7])", R"(["pull",1234567890])", R"(["release",1,1])", R"(["release",-12,30])",
        R"(["release",999999999999999,2])", R"(["pull",1234567890123456])", R"(["pull",0])"})
    for_each_mangled(text, "0159-+.e,]\" [", compare);
  EXPECT_GT(recognised, 100u);
  EXPECT_TRUE(read_brief_message(R"(["pull",7])"));
  EXPECT_TRUE(read_brief_message(R"(["release",-7,2])"));
  EXPECT_FALSE(read_brief_message(R"(["pull",-0])"));
  EXPECT_FALSE(read_brief_message(R"(["pull", 7])"));
}

}  // namespace
}  // namespace capnweb::testing
