// caller_test.cpp: the rules as a caller of ours keeps them, and what holds between two sessions.
#include <gtest/gtest.h>

#include <capnweb/capnweb.hpp>
#include <memory>
#include <string>
#include <vector>

#include "protocol/fixture.hpp"
#include "support/awaited.hpp"
#include "support/pair.hpp"
#include "support/start.hpp"

namespace capnweb::testing {
namespace {

// Alice calls the transcripts' fixture at Bob's.
struct Caller : Pair {
  explicit Caller(SessionOptions options = {}, Value alices_main = {})
      : Caller(std::make_shared<FixtureState>(), std::move(options), std::move(alices_main)) {}
  Caller(std::shared_ptr<FixtureState> fixture, SessionOptions options, Value alices_main)
      : Pair(make_fixture(fixture), std::move(alices_main),
             {.alice = std::move(options), .bob = {}}),
        state(std::move(fixture)) {}

  Stub<> api() const { return alice.remote_main(); }
  std::string traffic() {
    run();
    return take_log();
  }

  std::shared_ptr<FixtureState> state;
};

Value error_of(Promise<Value> promise) {
  Awaited awaited(promise.ref().hook);
  return Value(awaited.failure());
}

// ---- Messages

TEST(Caller, IdsAreFromTheSendersView_M1) {
  Caller caller;
  auto callback = caller.api().call("call_it", function([](Array&) { return Value(6); }));
  Awaited awaited(callback.ref().hook);
  // Both sides speak of an id 1, each of its own push.
  EXPECT_EQ(caller.traffic(), R"(> ["push",["pipeline",0,["call_it"],[["export",-1]]]]
> ["pull",1]
< ["push",["pipeline",-1,[],[]]]
< ["release",-1,1]
< ["pull",1]
> ["resolve",1,6]
< ["release",1,1]
< ["resolve",1,6]
> ["release",1,1]
)");
  EXPECT_EQ(awaited.value(), Value(6));
}

TEST(Caller, AForwardedCallThatCannotBeSentFailsAlone_M11) {
  SessionOptions narrow;
  narrow.limits.max_imports = 0;
  Caller upstream(narrow);
  Wire middle(Value(detail::StubRef{upstream.api().hook()}));
  EXPECT_EQ(middle.send({R"(["push",["pipeline",0,["add"],[1,2]]])", R"(["pull",1])"}),
            "[\"reject\",1,[\"error\",\"RangeError\",\"Too many calls and capabilities of this "
            "session are in use: 0; release some, or raise Limits::max_imports.\"]]\n");
  EXPECT_EQ(middle.session.end_reason(), nullptr);
}

TEST(Caller, PullsWhenAwaitedAndOnce_M12) {
  Caller caller;
  auto user = caller.api().call("user");
  auto sum = caller.api().call("add", user["id"], 1);
  EXPECT_EQ(caller.traffic(), R"(> ["push",["pipeline",0,["user"],[]]]
> ["push",["pipeline",0,["add"],[["pipeline",1,["id"]],1]]]
)");
  Awaited first(sum.ref().hook);
  Awaited second(sum.ref().hook);
  EXPECT_EQ(caller.traffic(), "> [\"pull\",2]\n< [\"resolve\",2,8]\n> [\"release\",2,1]\n");
  EXPECT_EQ(first.value(), Value(8));
  EXPECT_EQ(second.value(), Value(8));
}

TEST(Caller, OffersAStubAnewEachTime_M18_M19) {
  Caller caller;
  const Value callback = function([](Array&) { return Value(); });
  caller.api().call("arguments", callback, callback).detach();
  EXPECT_NE(caller.traffic().find(R"([["export",-1],["export",-2]])"), std::string::npos);
}

TEST(Caller, WhatARejectHoldsIsReleasedWithIt_M32) {
  Wire wire;
  auto awaited = std::make_unique<Awaited>(wire.session.remote_main().call("x").ref().hook);
  wire.answers();
  EXPECT_EQ(wire.send({R"(["reject",1,["error","Error","x",null,{"s":["export",-1]}]])"}),
            "[\"release\",1,1]\n");
  EXPECT_EQ(awaited->failure(), "x");
  awaited.reset();
  EXPECT_EQ(wire.answers(), "[\"release\",-1,1]\n");
}

TEST(Caller, AResolvedMainObjectIsThatValue_M34) {
  Wire wire;
  EXPECT_EQ(wire.send({R"(["resolve",0,5])"}), "[\"release\",0,1]\n");
  EXPECT_EQ(error_of(wire.session.remote_main().call("x")),
            Value("TypeError: 'x' is not a function."));
  EXPECT_EQ(wire.answers(), "");
}

TEST(Caller, AfterTheEndCallsFailAndNothingIsSent_M46) {
  bool is_released = false;
  Wire wire;
  wire.send({R"(["abort",["error","Error","gone"]])"});
  EXPECT_EQ(error_of(wire.session.remote_main().call(
                "x", function([](Array&) { return Value(); }, [&] { is_released = true; }))),
            Value("gone"));
  EXPECT_TRUE(is_released);
  EXPECT_EQ(wire.answers(), "");
}

// ---- Calls

TEST(Caller, AwaitingAPropertyOfAPromiseIsAGet_C7_O17) {
  Caller caller;
  auto user = caller.api().call("user");
  bool is_done = false;
  start(
      [](Promise<Value> promise) -> Task<> {
        Value name = co_await promise["name"];
        EXPECT_EQ(name, Value("Ada"));
      }(user),
      &is_done);
  EXPECT_EQ(caller.traffic(), R"(> ["push",["pipeline",0,["user"],[]]]
> ["push",["pipeline",1,["name"]]]
> ["pull",2]
< ["resolve",2,"Ada"]
> ["release",2,1]
)");
  EXPECT_TRUE(is_done);
}

TEST(Caller, NoNameIsTakenFromTheWire_C10) {
  Caller caller;
  for (const char* name : {"then", "dup", "map", "catch"}) {
    auto promise = caller.api().call(name);
    EXPECT_NE(caller.traffic().find("[\"" + std::string(name) + "\"],[]"), std::string::npos);
  }
}

TEST(Caller, TheMainObjectMayBeAFunctionAnObjectOrNothing_C21) {
  Wire callable(function([](Array& a) { return Value(a[0].get<double>() * 2); }));
  EXPECT_EQ(callable.send({R"(["push",["pipeline",0,[],[4]]])", R"(["pull",1])"}),
            "[\"resolve\",1,8]\n");
  Wire plain(Value(Object{{"n", 5}, {"f", function([](Array&) { return Value("f"); })}}));
  EXPECT_EQ(plain.send({R"(["push",["pipeline",0,["n"]]])", R"(["pull",1])",
                        R"(["push",["pipeline",0,["f"],[]]])", R"(["pull",2])"}),
            "[\"resolve\",1,5]\n[\"resolve\",2,\"f\"]\n");
  Wire none;
  EXPECT_EQ(none.send({R"(["push",["pipeline",0,["x"],[]]])", R"(["pull",1])"}),
            "[\"reject\",1,[\"error\",\"Error\",\"This connection has no main object.\"]]\n");
}

TEST(Caller, CallsOnAPromiseMoveToWhatItResolvedTo_C27_M51) {
  Caller caller;
  auto counter = caller.api().call("counter", 0);
  counter.call("inc", 1).detach();
  counter.call("inc", 10).detach();
  Awaited awaited(counter.ref().hook);
  caller.traffic();
  auto third = counter.call("inc", 100);
  Awaited sum(third.ref().hook);
  EXPECT_EQ(caller.traffic(), R"(> ["push",["pipeline",-1,["inc"],[100]]]
> ["pull",4]
< ["resolve",4,111]
> ["release",4,1]
)");
  EXPECT_EQ(sum.value(), Value(111));
}

TEST(Caller, APromiseOfPlainDataIsLocalOnceItHasResolved_M52) {
  Caller caller;
  auto user = caller.api().call("user");
  Awaited awaited(user.ref().hook);
  caller.traffic();
  Awaited id(user.ref().hook->get(Path{"id"}));
  Awaited call(user.call("id").ref().hook);
  EXPECT_EQ(caller.traffic(), "");
  EXPECT_EQ(id.value(), Value(7));
  EXPECT_EQ(call.failure(), "TypeError: 'id' is not a function.");
}

TEST(Caller, WhateverAcknowledgesAWriteIsReleased_M50) {
  Wire wire;
  auto main = wire.session.remote_main().call<WritableStream<>>("open");
  Awaited opened(main.ref().hook);
  wire.send({R"(["resolve",1,["writable",-1]])"});
  const WritableStream<> stream(opened.value().get_if<detail::WritableRef>()->hook);
  stream.write(1).detach();
  stream.write(2).detach();
  EXPECT_EQ(wire.answers(), R"(["stream",["pipeline",-1,["write"],[1]]]
["stream",["pipeline",-1,["write"],[2]]]
)");
  EXPECT_EQ(wire.send({R"(["resolve",2,{"a":["export",-2],"b":5}])", R"(["resolve",3,7])"}),
            "[\"release\",-2,1]\n");
}

TEST(Caller, CallsOnAPromiseThatCameHomeFollowThoseBefore_C28) {
  Caller caller;
  std::vector<int> order;
  const Value mine = target({{"note", [&](Array& a) {
                                order.push_back(static_cast<int>(a[0].get<double>()));
                                return Value();
                              }}});
  auto home = caller.api().call("echo", mine);
  for (int i = 1; i <= 3; ++i) home.call("note", i).detach();
  Awaited awaited(home.ref().hook);
  // Bob's answer arrives before the calls that travel through him.
  Outbox out;
  caller.alice.take_output(out);
  for (std::size_t i = 0; i < out.size(); ++i) caller.bob.receive(out[i]);
  caller.bob.take_output(out);
  std::vector<std::string> behind;
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (out[i].starts_with("[\"resolve\",1,"))
      caller.alice.receive(out[i]);
    else
      behind.emplace_back(out[i]);
  }
  ASSERT_TRUE(awaited.is_done());
  home.call("note", 4).detach();
  EXPECT_TRUE(order.empty());
  for (const std::string& message : behind) caller.alice.receive(message);
  caller.run();
  EXPECT_EQ(order, (std::vector<int>{1, 2, 3, 4}));
}

TEST(Caller, AProxysUpstreamMayDieAlone_C37) {
  Caller upstream;
  Wire middle(Value(detail::StubRef{upstream.api().hook()}));
  middle.send({R"(["push",["pipeline",0,["later"],[]]])", R"(["pull",1])"});
  upstream.run();
  upstream.alice.disconnected(Error("upstream is gone"));
  EXPECT_EQ(middle.answers(), "[\"reject\",1,[\"error\",\"Error\",\"upstream is gone\"]]\n");
  EXPECT_EQ(middle.send({R"(["push",["pipeline",0,["add"],[1,2]]])", R"(["pull",2])"}),
            "[\"reject\",2,[\"error\",\"Error\",\"upstream is gone\"]]\n");
  EXPECT_EQ(middle.session.end_reason(), nullptr);
}

TEST(Caller, APromiseOfOneSessionInAnother_C39) {
  Caller a, b;
  auto later = a.api().call("later");
  auto echoed = b.api().call("echo", later);
  Awaited awaited(echoed.ref().hook);
  b.run();
  a.run();
  a.state->later->resolve(Value("from a"));
  a.run();
  b.run();
  EXPECT_EQ(awaited.value(), Value("from a"));
  EXPECT_EQ(b.take_log(), R"(> ["push",["pipeline",0,["echo"],[["promise",-1]]]]
> ["pull",1]
> ["resolve",-1,"from a"]
< ["release",-1,1]
< ["resolve",1,"from a"]
> ["release",1,1]
)");
}

// ---- Ownership

TEST(Caller, TheCallerOwnsArgumentsAndResults_O1_O5_O7) {
  Caller caller;
  std::string log;
  {
    const Value mine = function([](Array&) { return Value(); }, [&] { log += "mine "; });
    auto kept = caller.api().call("keep", mine);  // a reference of the call's own
    kept.detach();
  }
  caller.run();
  EXPECT_EQ(log, "");
  caller.api().call("drop_kept").detach();
  caller.run();
  EXPECT_EQ(log, "mine ");
  EXPECT_EQ(caller.bob.stats(), (Session::Stats{1, 1}));
  EXPECT_EQ(caller.alice.stats(), (Session::Stats{1, 1}));
}

TEST(Caller, ATargetThatHasADupIsNotAskedForIt_O6) {
  Caller caller;
  int asked = 0;
  const Value mine = target({{"dup", [&](Array&) { return Value(++asked); }}});
  caller.api().call("note", mine).detach();
  caller.run();
  EXPECT_EQ(asked, 0);
  caller.api().call("call_it", mine).detach();  // it is the very object that arrives
  EXPECT_NE(caller.traffic().find(R"(["push",["pipeline",-2,[],[]]])"), std::string::npos);
}

TEST(Caller, AnAwaitedPromiseKeepsItsValue_O11) {
  Caller caller;
  auto counter = caller.api().call("counter", 1);
  Awaited first(counter.ref().hook);
  caller.run();
  Awaited second(counter.ref().hook);
  const Value one = first.value();
  EXPECT_EQ(one, second.value());  // the same reference
}

TEST(Caller, ALocalObjectEndsWithItsLastCopy_O14_O15) {
  int ended = 0;
  auto first = std::make_unique<Value>(function([](Array&) { return Value(); }, [&] { ++ended; }));
  auto second = std::make_unique<Value>(*first);
  first.reset();
  EXPECT_EQ(ended, 0);
  second.reset();
  EXPECT_EQ(ended, 1);
}

TEST(Caller, DroppingAnAwaitedPromiseReleasesIt_O16) {
  Caller caller;
  {
    Awaited awaited(caller.api().call("later").ref().hook);
  }
  EXPECT_EQ(caller.traffic(), R"(> ["push",["pipeline",0,["later"],[]]]
> ["pull",1]
> ["release",1,1]
)");
}

TEST(Caller, DroppingACopyOfTheMainStubSaysNothing_O19) {
  Caller caller;
  {
    Stub<> copy = caller.api();
  }
  EXPECT_EQ(caller.traffic(), "");
  EXPECT_EQ(caller.alice.end_reason(), nullptr);
}

TEST(Caller, OnBrokenFollowsAPromise_O21) {
  Caller caller;
  std::string log;
  auto failing = caller.api().call("fail");
  auto on_failing = failing.on_broken([&](const Error& e) { log += e.message() + ";"; });
  auto counter = caller.api().call("counter", 1);
  auto on_counter =
      counter.on_broken([&](const Error& e) { log += "counter " + e.message() + ";"; });
  const Value local = function([](Array&) { return Value(); });
  auto on_local = hook_of(local)->on_broken([&](const Error&) { log += "never;"; });
  Awaited first(failing.ref().hook);
  Awaited second(counter.ref().hook);
  caller.run();
  EXPECT_EQ(log, "bad;");
  caller.alice.disconnected(Error("gone"));
  EXPECT_EQ(log, "bad;counter gone;");
  auto late = counter.on_broken([&](const Error&) { log += "late;"; });
  EXPECT_EQ(log, "bad;counter gone;late;");
}

// ---- Errors

TEST(Caller, TriesToSayThatItWasDisconnected_E7) {
  Wire wire;
  Awaited pending(wire.session.remote_main().call("x").ref().hook);
  wire.answers();
  wire.session.disconnected(Error("Peer closed WebSocket: 1006 "));
  EXPECT_EQ(wire.answers(), "[\"abort\",[\"error\",\"Error\",\"Peer closed WebSocket: 1006 \"]]\n");
  EXPECT_EQ(pending.failure(), "Peer closed WebSocket: 1006 ");
}

TEST(Caller, ADisconnectThatHurtsNobodyIsSilent_E10) {
  Caller caller;
  auto stub = caller.api();
  caller.alice.disconnected(Error("gone"));
  EXPECT_TRUE(caller.alice.end_reason());
}

TEST(Caller, ErrorsComeBackWithTheirType_E11) {
  Wire wire;
  Awaited known(wire.session.remote_main().call("x").ref().hook);
  Awaited unknown(wire.session.remote_main().call("y").ref().hook);
  wire.send(
      {R"(["reject",1,["error","RangeError","r"]])", R"(["reject",2,["error","MyErr","m"]])"});
  EXPECT_EQ(known.failure(), "RangeError: r");
  EXPECT_EQ(unknown.failure(), "m");
}

}  // namespace
}  // namespace capnweb::testing
