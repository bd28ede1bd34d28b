#include <gtest/gtest.h>

#include <capnweb/session.hpp>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "session/session_core.hpp"
#include "support/awaited.hpp"
#include "support/object.hpp"
#include "support/pair.hpp"

namespace capnweb::testing {
namespace {

// A main object with what the tests below call.
Value make_main(std::string* log = nullptr) {
  const auto counter = [log](int start) {
    auto count = std::make_shared<double>(start);
    return target(
        {{"inc",
          [count](Array& a) { return Value(*count += a.empty() ? 1 : a[0].get<double>()); }}},
        [log] {
          if (log) *log += "counter disposed;";
        });
  };
  return target(
      {
          {"add", [](Array& a) { return Value(a[0].get<double>() + a[1].get<double>()); }},
          {"echo", [](Array& a) { return a.empty() ? Value() : a[0]; }},
          {"counter",
           [counter](Array& a) { return counter(static_cast<int>(a[0].get<double>())); }},
          {"user", [](Array&) { return Value(Object{{"id", 7}, {"tags", Array{"x", "y"}}}); }},
          {"fail",
           [](Array&) -> Value { throw Error::range_error("bad").set_property("code", 5); }},
          {"foreign", [](Array&) -> Value { throw std::runtime_error("secret"); }},
          {"callIt",
           [](Array& a) { return promise(hook_of(a[0])->call({}, detail::Arguments{})); }},
      },
      [log] {
        if (log) *log += "main disposed;";
      },
      {{"name", [] { return Value("srv"); }}});
}

std::string sent_error(std::string_view type, std::string_view text) {
  return "[\"abort\",[\"error\",\"" + std::string(type) + "\",\"" + std::string(text) + "\"]]\n";
}

TEST(Session, AnswersACall) {
  Wire wire(make_main());
  EXPECT_EQ(wire.send({R"(["push",["pipeline",0,["add"],[2,3]]])", R"(["pull",1])"}),
            "[\"resolve\",1,5]\n");
  EXPECT_EQ(wire.send({R"(["release",1,1])"}), "");
  EXPECT_EQ(wire.session.stats(), (Session::Stats{1, 1}));
}

TEST(Session, StartsWithItsMainObjects_M2) {
  Session session(make_main());
  EXPECT_EQ(session.stats(), (Session::Stats{1, 1}));
}

TEST(Session, TakesAnyValueAsAPush_M8) {
  Wire wire(make_main());
  EXPECT_EQ(wire.send({R"(["push",5])", R"(["pull",1])"}), "[\"resolve\",1,5]\n");
  EXPECT_EQ(wire.send({R"(["push",{"a":["pipeline",0,["add"],[1,2]],"b":["pipeline",0,["name"]]}])",
                       R"(["pull",2])"}),
            "[\"resolve\",2,{\"a\":[\"promise\",-1],\"b\":[\"promise\",-2]}]\n"
            "[\"resolve\",-1,3]\n[\"resolve\",-2,\"srv\"]\n");
}

TEST(Session, RefusesAPushThatRefersToItself_M9) {
  Wire wire(make_main());
  EXPECT_EQ(wire.send({R"(["push",["pipeline",1]])"}),
            sent_error("Error", "no such entry on exports table: 1"));
}

TEST(Session, KeepsAFailedCallForItsPull_M10) {
  Wire wire(make_main());
  EXPECT_EQ(wire.send({R"(["push",["pipeline",0,["nope"],[]]])"}), "");
  EXPECT_EQ(wire.send({R"(["pull",1])"}),
            "[\"reject\",1,[\"error\",\"TypeError\",\"'nope' is not a function.\"]]\n");
}

TEST(Session, AnswersAPullOnce_M13) {
  Wire wire(make_main());
  EXPECT_EQ(wire.send({R"(["push",1])", R"(["pull",1])", R"(["pull",1])"}), "[\"resolve\",1,1]\n");
  EXPECT_EQ(wire.send({R"(["pull",0])"}), "[\"resolve\",0,[\"export\",-1]]\n");
  EXPECT_EQ(wire.send({R"(["pull",7])"}), sent_error("Error", "no such export ID: 7"));
}

TEST(Session, WaitsForAPromiseOfThePeerThatIsTheResult_M15) {
  Wire wire(make_main());
  EXPECT_EQ(wire.send({R"(["push",["pipeline",0,["callIt"],[["export",-1]]]])", R"(["pull",1])"}),
            "[\"push\",[\"pipeline\",-1,[],[]]]\n[\"release\",-1,1]\n[\"pull\",1]\n");
  EXPECT_EQ(wire.send({R"(["resolve",1,6])"}), "[\"release\",1,1]\n[\"resolve\",1,6]\n");
}

TEST(Session, GivesEveryIntroductionAFreshId_M19) {
  Wire wire(make_main());
  EXPECT_EQ(wire.send({R"(["push",["pipeline",0,["counter"],[1]]])",
                       R"(["push",[[["pipeline",1],["pipeline",1]]]])", R"(["pull",1])",
                       R"(["pull",1])"}),
            "[\"resolve\",1,[\"export\",-1]]\n");
  EXPECT_EQ(wire.send({R"(["push",["pipeline",0,["echo"],[["import",-1]]]])", R"(["pull",3])"}),
            "[\"resolve\",3,[\"export\",-2]]\n");
}

TEST(Session, ReleasesAsManyAsWereIntroduced_M19) {
  Wire wire(make_main());
  EXPECT_EQ(wire.send({R"(["push",["pipeline",0,["add"],[["export",-1],["export",-1]]]])"}),
            "[\"release\",-1,2]\n");
}

TEST(Session, RefusesReleasesThatAreWrong_M22) {
  const auto answer = [](std::string_view message) {
    Wire wire(make_main());
    return wire.send({R"(["push",1])", message});
  };
  EXPECT_EQ(answer(R"(["release",2,1])"), sent_error("Error", "no such export ID: 2"));
  EXPECT_EQ(answer(R"(["release",1,2])"), sent_error("Error", "refcount would go negative: 1 < 2"));
  EXPECT_EQ(answer(R"(["release",1])"), sent_error("Error", R"(bad RPC message: [\"release\",1])"));
  EXPECT_EQ(answer(R"(["release",1,0])"), "");
  EXPECT_EQ(answer(R"(["release",1,-1])"), sent_error("Error", "bad release count: -1"));
}

TEST(Session, ReleasingTheMainObjectDisposesIt_M24) {
  std::string log;
  Wire wire(make_main(&log));
  EXPECT_EQ(wire.send({R"(["release",0,1])"}), "");
  EXPECT_EQ(log, "main disposed;");
  EXPECT_EQ(wire.send({R"(["push",["pipeline",0,["add"],[1,2]]])"}),
            sent_error("Error", "no such entry on exports table: 0"));
}

TEST(Session, ReleasesWhatALateResolutionOffers_M29) {
  Wire wire;
  {
    Awaited call(wire.session.remote_main().hook()->get(Path{"x"}));
  }
  EXPECT_EQ(wire.answers(),
            "[\"push\",[\"pipeline\",0,[\"x\"]]]\n[\"pull\",1]\n[\"release\",1,1]\n");
  EXPECT_EQ(wire.send({R"(["resolve",1,["export",-1]])"}), "[\"release\",-1,1]\n");
  EXPECT_EQ(wire.send({R"(["reject",1,["nonsense"]])"}), "");
  EXPECT_EQ(wire.send({R"(["resolve",1,["nonsense"]])"}),
            sent_error("TypeError", R"(unknown special value: [\"nonsense\"])"));
}

TEST(Session, PullingAnOfferedStubIsAnError_M30) {
  Wire wire(make_main());
  wire.send({R"(["push",["pipeline",0,["counter"],[1]]])", R"(["pull",1])"});
  EXPECT_EQ(wire.send({R"(["pull",-1])"}),
            "[\"reject\",-1,[\"error\",\"Error\",\"Tried to resolve a non-promise stub.\"]]\n");
}

TEST(Session, APromiseMayNotReuseAnId_M35) {
  Wire wire(make_main());
  EXPECT_EQ(
      wire.send({R"(["push",["pipeline",0,["echo"],[[[["promise",-1],["promise",-1]]]]]])",
                 R"(["pull",1])"}),
      "[\"release\",-1,1]\n[\"reject\",1,[\"error\",\"Error\",\"Bug in RPC system: The peer sent a "
      "promise reusing an existing export ID.\"]]\n");
}

TEST(Session, AnAbortEndsEverythingWithItsError_M39) {
  std::string log;
  Wire wire(make_main(&log));
  Awaited call(wire.session.remote_main().hook()->get(Path{"x"}));
  wire.answers();
  EXPECT_EQ(wire.send({R"(["abort",["error","RangeError","gone"]])"}), "");
  EXPECT_EQ(call.failure(), "RangeError: gone");
  EXPECT_EQ(wire.session.end_reason()->message(), "gone");
  EXPECT_EQ(log, "main disposed;");
  Awaited later(wire.session.remote_main().hook()->get(Path{"x"}));
  EXPECT_EQ(later.failure(), "RangeError: gone");
  EXPECT_EQ(wire.answers(), "");
}

TEST(Session, AnAbortMayHoldAnyValueOrNone_M39) {
  Wire wire;
  wire.send({R"(["abort",5])"});
  ASSERT_NE(wire.session.end_reason()->thrown_value(), nullptr);
  EXPECT_EQ(*wire.session.end_reason()->thrown_value(), Value(5));
  Wire bare;
  bare.send({R"(["abort"])"});
  EXPECT_EQ(bare.session.end_reason()->message(), "undefined");
  Wire malformed;
  EXPECT_EQ(malformed.send({R"(["abort",["foo"]])"}),
            sent_error("TypeError", R"(unknown special value: [\"foo\"])"));
}

TEST(Session, ACapabilityInAnAbortKeepsNothingAlive_M39) {
  const auto core = detail::make_ref<detail::SessionCore>(Value(), SessionOptions{});
  core->receive(R"(["abort",[[["export",-1],["promise",-2],["pipeline",0,["add"],[]]]]])");
  ASSERT_NE(core->end_reason(), nullptr);
  EXPECT_NE(core->end_reason()->thrown_value(), nullptr);
  EXPECT_TRUE(core->is_unique());
}

TEST(Session, AStreamThatLeadsToItselfKeepsNothingAlive) {
  const auto core = detail::make_ref<detail::SessionCore>(Value(), SessionOptions{});
  detail::HookRef main = core->remote_main();
  core->receive(R"(["resolve",0,["writable",-1]])");
  core->receive(R"(["resolve",-1,["writable",-1]])");
  core->close();
  main = nullptr;
  EXPECT_TRUE(core->is_unique());
}

TEST(Session, DropsWhatAStreamIsAcknowledgedWith_M50) {
  Value kept;
  Wire wire(target({{"keep", [&](Array& a) { return std::exchange(kept, std::move(a[0])); }}}));
  wire.send({R"(["push",["pipeline",0,["keep"],[["writable",-1]]]])"});
  const Awaited written(call(kept.get_if<detail::WritableRef>()->hook, {"write"}, {5}));
  EXPECT_EQ(wire.answers(), "[\"stream\",[\"pipeline\",-1,[\"write\"],[5]]]\n");
  EXPECT_EQ(wire.send({R"(["resolve",1,["export",-2]])"}), "[\"release\",-2,1]\n");
  EXPECT_TRUE(written.is_done());
}

TEST(Session, RefusesWhatIsNoMessage_M42) {
  const auto answer = [](std::string_view message) {
    Wire wire(make_main());
    return wire.send({message});
  };
  EXPECT_EQ(answer(R"(["foo",1])"), sent_error("Error", R"(bad RPC message: [\"foo\",1])"));
  EXPECT_EQ(answer("{}"), sent_error("Error", "bad RPC message: {}"));
  EXPECT_EQ(answer("null"), sent_error("Error", "bad RPC message: null"));
  EXPECT_EQ(answer(R"([["push",1]])"), sent_error("Error", R"(bad RPC message: [[\"push\",1]])"));
  EXPECT_EQ(answer(R"(["push"])"), sent_error("Error", R"(bad RPC message: [\"push\"])"));
  EXPECT_EQ(answer(R"(["resolve",1])"), sent_error("Error", R"(bad RPC message: [\"resolve\",1])"));
}

TEST(Session, ReadsNothingAfterABreach_M45) {
  Wire wire(make_main());
  wire.send({"5", R"(["push",["pipeline",0,["add"],[1,2]]])", R"(["pull",1])"});
  EXPECT_EQ(wire.answers(), "");
}

TEST(Session, TakesAResolutionThatWasNotPulled_M47) {
  Wire wire;
  auto call = wire.session.remote_main().hook()->get(Path{"x"});
  wire.answers();
  EXPECT_EQ(wire.send({R"(["resolve",1,5])"}), "[\"release\",1,1]\n");
  Awaited awaited(call);
  EXPECT_TRUE(awaited.is_done());
  EXPECT_EQ(wire.answers(), "");
}

TEST(Session, TenMillionCallsWithTheFirstResultHeldGrowNothing) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || !defined(NDEBUG)
  constexpr int kCalls = 200'000;
#else
  constexpr int kCalls = 10'000'000;
#endif
  auto core = detail::make_ref<detail::SessionCore>(make_main(), SessionOptions{});
  core->receive(R"(["push",["pipeline",0,["counter"],[1]]])");
  Outbox out;
  std::string text;
  for (int id = 2; id < kCalls; ++id) {
    core->receive(R"(["push",["pipeline",0,["add"],[2,3]]])");
    const std::string number = std::to_string(id);
    core->receive(text.assign("[\"pull\",").append(number).append("]"));
    core->receive(text.assign("[\"release\",").append(number).append(",1]"));
    core->take_output(out);
    ASSERT_EQ(out.size(), 1u);
  }
  EXPECT_EQ(core->stats(), (Session::Stats{1, 2}));
  EXPECT_LE(core->export_window_capacity(), 64u);
}

TEST(Session, NeverNamesAnIdThatIsReleased_M51) {
  Wire wire;
  auto call = wire.session.remote_main().hook()->get(Path{"x"});
  wire.answers();
  wire.send({R"(["resolve",1,["export",-1]])"});
  auto again = call->call(Path{"inc"}, detail::Arguments{});
  EXPECT_EQ(wire.answers(), "[\"push\",[\"pipeline\",-1,[\"inc\"],[]]]\n");
  auto passed =
      wire.session.remote_main().hook()->call(Path{"use"}, detail::Arguments{{promise(call)}});
  EXPECT_EQ(wire.answers(),
            "[\"push\",[\"pipeline\",0,[\"use\"],[[\"promise\",-1]]]]\n"
            "[\"resolve\",-1,[\"import\",-1]]\n");
}

TEST(Session, WithholdsStacksAndForeignTexts_E1) {
  Wire wire(make_main());
  EXPECT_EQ(wire.send({R"(["push",["pipeline",0,["foreign"],[]]])", R"(["pull",1])"}),
            "[\"reject\",1,[\"error\",\"Error\",\"internal error\"]]\n");
  SessionOptions options;
  options.on_send_error = [](const Error& error) {
    return Error(error).set_stack("at " + error.message());
  };
  Wire open(make_main(), options);
  EXPECT_EQ(open.send({R"(["push",["pipeline",0,["foreign"],[]]])", R"(["pull",1])"}),
            "[\"reject\",1,[\"error\",\"Error\",\"secret\",\"at secret\"]]\n");
}

TEST(Session, SendsNothingOfAnErrorThatCouldNotBeRewritten_E4) {
  SessionOptions options;
  options.on_send_error = [](const Error&) -> std::optional<Error> { throw 5; };
  Wire wire(make_main(), options);
  EXPECT_EQ(wire.send({R"(["push",["pipeline",0,["fail"],[]]])", R"(["pull",1])"}),
            "[\"reject\",1,[\"error\",\"Error\",\"internal error\"]]\n");
  EXPECT_EQ(wire.session.end_reason(), nullptr);
}

TEST(Session, AStubSentHomeIsTheObjectItself_C34) {
  std::string log;
  Pair pair(make_main(&log));
  Awaited counter(call(pair.alice.remote_main().hook(), {"counter"}, {5}));
  pair.run();
  Value stub = counter.value();
  pair.take_log();
  Awaited echoed(call(pair.alice.remote_main().hook(), {"echo"}, {stub}));
  pair.run();
  EXPECT_EQ(pair.take_log(), R"(> ["push",["pipeline",0,["echo"],[["import",-1]]]]
> ["pull",2]
< ["resolve",2,["export",-2]]
> ["release",2,1]
)");
  EXPECT_EQ(log, "");
}

TEST(Session, EndsWhenDisconnectedAndDisposesItsExports_O20) {
  std::string log;
  Wire wire(make_main(&log));
  Awaited call(wire.session.remote_main().hook()->get(Path{"x"}));
  std::string reasons;
  auto first = wire.session.on_broken([&](const Error& error) { reasons += error.message(); });
  auto second = wire.session.remote_main().on_broken([&](const Error&) { reasons += " 2"; });
  {
    auto gone = wire.session.on_broken([&](const Error&) { reasons += " never"; });
  }
  wire.answers();
  wire.session.disconnected(Error("Peer closed WebSocket: 1006 "));
  EXPECT_EQ(reasons, "Peer closed WebSocket: 1006  2");
  EXPECT_EQ(call.failure(), "Peer closed WebSocket: 1006 ");
  EXPECT_EQ(log, "main disposed;");
}

TEST(Session, WhatComesAfterTheEndIsBroken) {
  auto core = detail::make_ref<detail::SessionCore>(make_main(), SessionOptions{});
  core->close();
  Awaited late(core->remote_main()->get(Path{"x"}));
  EXPECT_EQ(late.failure(), "RPC session was shut down by disposing the main stub");
  std::string reason;
  auto watch = core->on_broken([&](const Error& error) { reason = error.message(); });
  EXPECT_EQ(reason, "RPC session was shut down by disposing the main stub");
  EXPECT_EQ(core->stats(), (Session::Stats{0, 0}));
}

TEST(Session, TellsWhenNothingOfItIsUsed) {
  auto core = detail::make_ref<detail::SessionCore>(Value(), SessionOptions{});
  int signals = 0;
  core->on_unused([&] { ++signals; });
  auto main = core->remote_main();
  auto call = main->get(Path{"x"});
  main = nullptr;
  EXPECT_EQ(signals, 0);
  call = nullptr;
  EXPECT_EQ(signals, 1);
}

TEST(Session, AHandlerMayFeedItsOwnSession) {
  detail::SessionCore* fed = nullptr;
  auto core = detail::make_ref<detail::SessionCore>(target({{"feed",
                                                             [&](Array&) {
                                                               fed->receive(R"(["pull",1])");
                                                               return Value("fed");
                                                             }}}),
                                                    SessionOptions{});
  fed = core.get();
  core->receive(R"(["push",["pipeline",0,["feed"],[]]])");
  Outbox out;
  core->take_output(out);
  ASSERT_EQ(out.size(), 1u);
  EXPECT_EQ(out[0], R"(["resolve",1,"fed"])");
}

// Feeds a message once a promise has settled.
class Feeder final : public detail::Waiter {
 public:
  Feeder(Session& session, std::string message) : session_(session), message_(std::move(message)) {}

 private:
  void on_settled() noexcept override { session_.receive(message_); }
  Session& session_;
  std::string message_;
};

TEST(Session, MessagesThatAreFedWhileItIsAtWorkKeepTheirOrder) {
  const auto note = [](const std::string& text) {
    return R"(["push",["pipeline",0,["note"],[")" + text + R"("]]])";
  };
  std::string log;
  std::optional<Wire> wire;
  detail::Resolver gate;
  const detail::HookRef open = gate.promise();
  wire.emplace(target({{"feed",
                        [&](Array&) {
                          wire->session.receive(note("first"));
                          gate.resolve({});
                          return Value();
                        }},
                       {"note", [&](Array& a) {
                          log += a[0].get<std::string>() + ';';
                          return Value();
                        }}}));
  Feeder feeder(wire->session, note("second"));
  open->wait(feeder);
  wire->send({R"(["push",["pipeline",0,["feed"],[]]])"});
  EXPECT_EQ(log, "first;second;");
}

// The last handle goes while the session is at work: it ends, and touches nothing afterwards.
class Dropped : public ::testing::Test {
 protected:
  void drop() {
    session_.reset();
    log_ += "dropped;";
  }
  std::optional<Session> session_;
  std::string log_;
};

TEST_F(Dropped, ByAHandler) {
  session_.emplace(target({{"drop", [this](Array&) {
                              drop();
                              return Value();
                            }}}));
  session_->receive(R"(["push",["pipeline",0,["drop"],[]]])");
  EXPECT_EQ(log_, "dropped;");
}

TEST_F(Dropped, ByThoseWhoAreToldThatItEnds_O20) {
  const std::vector<std::function<void()>> ends = {
      [this] { session_->receive(R"(["abort",5])"); },
      [this] { session_->receive("no message"); },
      [this] { session_->close(); },
      [this] { session_->abort(Error("enough")); },
      [this] { session_->disconnected(Error("gone")); },
  };
  for (const auto& end : ends) {
    session_.emplace();
    const auto watch = session_->on_broken([this](const Error&) { drop(); });
    end();
    EXPECT_EQ(std::exchange(log_, {}), "dropped;");
  }
}

TEST_F(Dropped, ByWhoIsToldThatItHasEnded_O21) {
  session_.emplace();
  session_->close();
  std::string told;
  const auto watch = session_->on_broken([&](const Error& reason) {
    drop();
    told = reason.message();
  });
  EXPECT_EQ(told, "RPC session was shut down by disposing the main stub");
}

TEST(Session, ACallbackThatThrowsHurtsNobody_O22) {
  Wire wire(make_main());
  auto watch = wire.session.on_broken([](const Error&) { throw 5; });
  wire.session.disconnected(Error("gone"));
  EXPECT_NE(wire.session.end_reason(), nullptr);
}

TEST(Session, MayBeEndedByTheSignalThatNothingIsInUse) {
  auto core = detail::make_ref<detail::SessionCore>(Value(), SessionOptions{});
  core->on_unused([&] { core->close(); });
  auto main = core->remote_main();
  auto call = main->get(Path{"a"});
  call = nullptr;
  EXPECT_EQ(core->end_reason(), nullptr);
  main = nullptr;  // outside of any turn, so the session ends right here
  EXPECT_NE(core->end_reason(), nullptr);
}

TEST(Session, PullsWhatABatchStillHolds) {
  detail::Ref<detail::SessionCore> core =
      detail::make_ref<detail::SessionCore>(Value(), SessionOptions{});
  const auto main = core->remote_main();
  const auto held = main->get(Path{"a"});
  const auto pipelined = main->get(Path{"b"});
  const auto passed = main->get(Path{"c"});
  const auto call = pipelined->call(Path{"x"}, detail::Arguments{{promise(passed)}});
  core->pull_held();
  Outbox out;
  core->take_output(out);
  ASSERT_EQ(out.size(), 6u);
  EXPECT_EQ(out[4], R"(["pull",1])");
  EXPECT_EQ(out[5], R"(["pull",4])");
  core->pull_held();
  EXPECT_FALSE(core->has_output());
}

#if !defined(NDEBUG) && !defined(__SANITIZE_THREAD__)
TEST(SessionDeathTest, AStubOnTheWrongThreadIsCaught) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  Session session;
  EXPECT_DEATH(std::thread([&] { session.receive("[]"); }).join(),
               "on a thread that is not its own");
}
#endif

TEST(Session, SaysOnceThatThereIsOutput) {
  Session session(make_main());
  int signals = 0;
  session.on_output([&] { ++signals; });
  session.receive(R"(["push",1])");
  EXPECT_EQ(signals, 0);
  session.receive(R"(["pull",1])");
  session.receive(R"(["push",2])");
  session.receive(R"(["pull",2])");
  EXPECT_EQ(signals, 1);
  Outbox out;
  session.take_output(out);
  EXPECT_EQ(out.size(), 2u);
  EXPECT_EQ(out[1], "[\"resolve\",2,2]");
  session.close();
  EXPECT_EQ(signals, 2);
}

}  // namespace
}  // namespace capnweb::testing
