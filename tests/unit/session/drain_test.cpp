// Session::drain(): when every pull of the peer is answered (A-3).
#include <gtest/gtest.h>

#include <capnweb/session.hpp>
#include <string>

#include "support/awaited.hpp"
#include "support/object.hpp"
#include "support/pair.hpp"

namespace capnweb::testing {
namespace {

// A main object with two calls that end when the test says so.
class Drain : public ::testing::Test {
 protected:
  std::string drained() { return Awaited(wire_.session.drain().ref().hook).failure(); }
  void call_and_pull(std::string_view method, int id) {
    wire_.send({"[\"push\",[\"pipeline\",0,[\"" + std::string(method) + "\"],[]]]",
                "[\"pull\"," + std::to_string(id) + "]"});
  }

  detail::Resolver first_;
  detail::Resolver second_;
  Wire wire_{target({
      {"first", [this](Array&) { return promise(first_.promise()); }},
      {"second", [this](Array&) { return promise(second_.promise()); }},
      {"nested", [this](Array&) { return Value(Object{{"p", promise(second_.promise())}}); }},
  })};
};

TEST_F(Drain, IsDoneWhenNothingIsAsked_A3) {
  EXPECT_EQ(drained(), "");
  wire_.send({R"(["push",["pipeline",0,["first"],[]]])"});
  EXPECT_EQ(drained(), "") << "a push that nobody pulls is not waited for";
}

TEST_F(Drain, WaitsForEveryPull_A3) {
  call_and_pull("first", 1);
  call_and_pull("second", 2);
  EXPECT_EQ(drained(), "pending");  // and is dropped again
  Awaited done(wire_.session.drain().ref().hook);
  Awaited too(wire_.session.drain().ref().hook);
  first_.resolve(Value(1));
  EXPECT_FALSE(done.is_done());
  EXPECT_FALSE(wire_.session.is_drained());
  second_.reject(Error("no"));
  EXPECT_EQ(done.failure(), "");
  EXPECT_EQ(too.failure(), "");
  EXPECT_TRUE(wire_.session.is_drained());
  EXPECT_EQ(wire_.answers(), "[\"resolve\",1,1]\n[\"reject\",2,[\"error\",\"Error\",\"no\"]]\n");
}

TEST_F(Drain, WaitsForWhatAnAnswerPromises_A3_M17) {
  call_and_pull("nested", 1);
  Awaited done(wire_.session.drain().ref().hook);
  EXPECT_FALSE(done.is_done());
  second_.resolve(Value(5));
  EXPECT_TRUE(done.is_done());
}

TEST_F(Drain, WaitsForAnswersWhoseCallIsReleased_A3_M25) {
  call_and_pull("first", 1);
  wire_.send({R"(["release",1,1])"});
  Awaited done(wire_.session.drain().ref().hook);
  EXPECT_FALSE(done.is_done());
  first_.resolve(Value(1));
  EXPECT_TRUE(done.is_done());
}

TEST_F(Drain, BeginsAnewWithTheNextPull_A3) {
  call_and_pull("first", 1);
  Awaited once(wire_.session.drain().ref().hook);
  first_.resolve(Value(1));
  EXPECT_TRUE(once.is_done());
  call_and_pull("second", 2);
  Awaited again(wire_.session.drain().ref().hook);
  EXPECT_FALSE(again.is_done());
  second_.resolve(Value(1));
  EXPECT_EQ(again.failure(), "");
}

TEST_F(Drain, RejectsWithTheReasonOfTheEnd_A3_E9) {
  call_and_pull("first", 1);
  Awaited pending(wire_.session.drain().ref().hook);
  wire_.send({R"(["abort",["error","RangeError","gone"]])"});
  EXPECT_EQ(pending.failure(), "RangeError: gone");
  EXPECT_EQ(drained(), "RangeError: gone");
}

}  // namespace
}  // namespace capnweb::testing
