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

}  // namespace
}  // namespace capnweb::testing
