// chains_test.cpp: what a peer can put in a row without end: promises that resolve to one another,
// calls that wait for one another, results that name one another.
#include <gtest/gtest.h>

#include <capnweb/session.hpp>
#include <memory>
#include <string>
#include <string_view>

#include "support/awaited.hpp"
#include "support/object.hpp"
#include "support/pair.hpp"

namespace capnweb::testing {
namespace {

std::string number(int id) { return std::to_string(id); }

// Its result is that of the function it is given.
Value make_caller() {
  return target(
      {{"callIt", [](Array& a) { return promise(hook_of(a[0])->call({}, detail::Arguments{})); }}});
}

TEST(Chain, FollowsPromisesResolvedToPromises_M48) {
  Wire wire;
  auto call = wire.session.remote_main().hook()->get(Path{"x"});
  Awaited awaited(call);
  wire.answers();
  EXPECT_EQ(wire.send({R"(["resolve",1,["promise",-1]])"}), "[\"release\",1,1]\n");
  auto piped = call->call(Path{"x", "y"}, detail::Arguments{{2}});
  EXPECT_EQ(wire.answers(), "[\"push\",[\"pipeline\",-1,[\"x\",\"y\"],[2]]]\n");
  EXPECT_EQ(wire.send({R"(["resolve",-1,["promise",-2]])"}), "[\"release\",-1,1]\n");
  EXPECT_FALSE(awaited.is_done());
  EXPECT_EQ(wire.send({R"(["resolve",-2,"end"])"}), "[\"release\",-2,1]\n");
  EXPECT_EQ(awaited.value(), Value("end"));
}

TEST(Chain, AChainOfPromisesWithoutEndIsCut_M48) {
  Wire wire;
  Awaited awaited(wire.session.remote_main().hook()->get(Path{"x"}));
  wire.send({R"(["resolve",1,["promise",-1]])"});
  for (int id = 1; id < 100'000 && !awaited.is_done(); ++id)
    wire.session.receive("[\"resolve\",-" + number(id) + ",[\"promise\",-" + number(id + 1) + "]]");
  EXPECT_EQ(awaited.failure(), "Too many promises in a row resolved with one another.");
}

TEST(Chain, AChainOfStubsWithoutEndIsCut_M48) {
  for (const std::string kind : {"promise", "export"}) {
    Value kept;
    Wire wire(target({{"subscribe", [&](Array& a) {
                         kept = a[0];
                         return Value();
                       }}}));
    wire.send({"[\"push\",[\"" + kind + "\",-1]]",
               R"(["push",["pipeline",0,["subscribe"],[["export",-1]]]])", R"(["release",1,1])"});
    std::string broken;
    const auto watch = hook_of(kept)->on_broken([&](const Error& error) { broken = error.what(); });
    for (int id = 1; id < 50'000; ++id)
      wire.send({"[\"push\",[\"" + kind + "\",-" + number(id + 1) + "]]",
                 "[\"resolve\",-" + number(id) + ",[\"export\",-" + number(id + 1) + "]]",
                 "[\"release\"," + number(id + 2) + ",1]"});
    ASSERT_EQ(wire.session.end_reason(), nullptr);
    constexpr std::string_view kCut = "Too many promises in a row resolved with one another.";
    EXPECT_EQ(Awaited(call(hook_of(kept), {})).failure(), kCut);
    EXPECT_EQ(Awaited(hook_of(kept)->get(Path{"x"})).failure(), kCut);
    EXPECT_EQ(broken, kCut);
  }
}

TEST(Chain, PromisesJoinedFromTheFarEndNeedNoStack_M15_M48) {
  constexpr int kCalls = 20'000;
  Wire wire(make_caller());
  wire.send({R"(["push",["pipeline",0,["callIt"],[["export",-1]]]])"});
  for (int id = 2; id <= kCalls; ++id)
    wire.send({"[\"push\",[\"pipeline\",0,[\"callIt\"],[[\"export\",-" + number(id) + "]]]]",
               "[\"resolve\"," + number(id) + ",[\"pipeline\"," + number(id - 1) + "]]",
               "[\"release\"," + number(id - 1) + ",1]"});
  EXPECT_EQ(wire.send({"[\"push\",[\"pipeline\"," + number(kCalls) + ",[\"x\"],[]]]"}),
            "[\"push\",[\"pipeline\",1,[\"x\"],[]]]\n");
  wire.send({"[\"pull\"," + number(kCalls) + "]"});
  EXPECT_EQ(wire.send({R"(["resolve",1,5])"}),
            "[\"release\",1,1]\n[\"resolve\"," + number(kCalls) + ",5]\n");
}

// Calls that have gone to each keep the later ones behind them (C-28), so nothing can be skipped.
TEST(Chain, CalledPromisesJoinedFromTheFarEndAreCut_M15_M48) {
  Wire wire(make_caller());
  for (int id = 1; id < 20'000; id += 2) {  // two pushes of each side in a round
    wire.send({"[\"push\",[\"pipeline\",0,[\"callIt\"],[[\"export\",-" + number(id) + "]]]]",
               "[\"push\",[\"pipeline\"," + number(id) + ",[\"x\"],[]]]"});
    if (id > 1)
      wire.send({"[\"resolve\"," + number(id) + ",[\"pipeline\"," + number(id - 2) + "]]"});
  }
  EXPECT_EQ(wire.send({R"(["pull",19999])"}),
            R"(["reject",19999,["error","Error","Too many promises in a row resolved with one )"
            R"(another."]])"
            "\n");
}

TEST(Chain, AChainOfQueuedCallsNeedsNoStack) {
  auto resolver = std::make_shared<detail::Resolver>();
  Wire wire(target({{"hang", [&](Array&) { return promise(resolver->promise()); }}}));
  wire.send({R"(["push",["pipeline",0,["hang"],[]]])"});
  constexpr int kCalls = 50'000;
  for (int id = 1; id < kCalls; ++id)
    wire.session.receive("[\"push\",[\"pipeline\"," + number(id) + ",[\"x\"],[]]]");
  // Released in the order that lets each hold the next.
  for (int id = kCalls; id >= 1; --id) wire.session.receive("[\"release\"," + number(id) + ",1]");
  EXPECT_EQ(wire.session.stats().exports, 1u);
  resolver->resolve(Value(5));
  EXPECT_EQ(wire.session.end_reason(), nullptr);
}

// Results that each name the one before, and what asks the last of them for all of them.
std::string ask_a_chain(Wire& wire, int length, std::string_view arguments = "") {
  wire.session.receive(R"(["push",5])");
  std::string path = R"("a")";
  for (int id = 1; id < length; ++id) {
    wire.session.receive(R"(["push",{"a":["pipeline",)" + number(id) + "]}]");
    wire.session.receive("[\"release\"," + number(id) + ",1]");
    if (id > 1) path += R"(,"a")";
  }
  const std::string last = number(length);
  return wire.send(
      {"[\"push\",[\"pipeline\"," + last + ",[" + path + "]" + std::string(arguments) + "]]",
       "[\"pull\"," + number(length + 1) + "]"});
}

TEST(Chain, APathThroughAFewResultsIsFollowed_C13) {
  Wire wire;
  EXPECT_EQ(ask_a_chain(wire, 50), "[\"resolve\",51,5]\n");
}

TEST(Chain, APathThroughResultsWithoutEndIsRefused_C13) {
  constexpr std::string_view kRefused =
      R"(["reject",50001,["error","RangeError","A path leads through more than 100 capabilities; )"
      R"(ask for a part of it first."]])"
      "\n";
  for (std::string_view arguments : {"", ",[]"}) {
    Wire wire;
    EXPECT_EQ(ask_a_chain(wire, 50'000, arguments), kRefused);
    EXPECT_EQ(wire.session.end_reason(), nullptr);
  }
}

TEST(Chain, APathThroughObjectsWithoutEndIsRefused_C13) {
  Value node;
  node = target({}, {}, {{"next", [&] { return node; }}});
  Wire wire(node);
  std::string path = R"("next")";
  for (int part = 1; part < 50'000; ++part) path += R"(,"next")";
  const std::string push = R"(["push",["pipeline",0,[)" + path + "]]]";
  EXPECT_EQ(
      wire.send({push, R"(["pull",1])"}),
      R"(["reject",1,["error","RangeError","A path leads through more than 100 capabilities; )"
      R"(ask for a part of it first."]])"
      "\n");
}

TEST(Chain, AHandlerThatCallsItselfIsNoLongPath_C13) {
  detail::HookRef main;
  const Value deep = target({{"deep", [&](Array& a) {
                                const double left = a[0].get<double>();
                                return left == 0
                                           ? Value("bottom")
                                           : promise(call(main, {"self", "deep"}, {left - 1}));
                              }}});
  main = detail::make_resolved(Object{{"self", deep}});
  EXPECT_EQ(Awaited(call(main, {"self", "deep"}, {500})).value(), Value("bottom"));
}

}  // namespace
}  // namespace capnweb::testing
