// Limits::max_calls and handlers that are coroutines (L-8).
#include <gtest/gtest.h>

#include <capnweb/contract.hpp>
#include <capnweb/session.hpp>
#include <capnweb/start.hpp>
#include <capnweb/target.hpp>
#include <memory>
#include <string>

#include "support/object.hpp"
#include "support/pair.hpp"
#include "unit/api/run.hpp"

namespace capnweb::testing {
namespace {

constexpr std::string_view kTooManyCalls =
    R"(["error","RangeError","Too many calls of this session are running: 3; wait until some have )"
    R"(ended, or raise the callee's Limits::max_calls."])";

// Handlers that wait for `gate`, or do not.
class Host {
 public:
  explicit Host(Promise<void> g) : gate_(std::move(g)) {}

  Task<int> wait() {
    ++running;
    co_await gate_;
    co_return --running;
  }
  Task<int> at_once() { co_return 7; }
  void start_waiting() { capnweb::start(wait()).detach(); }
  Promise<int> promise_to_wait() { return capnweb::start(wait()); }
  Task<int> twice() { co_return co_await wait() + co_await wait(); }

  struct Rpc {
    Method<&Host::wait> wait;
    Method<&Host::at_once> at_once;
    Method<&Host::start_waiting> start_waiting;
    Method<&Host::promise_to_wait> promise_to_wait;
    Method<&Host::twice> twice;
  };
  int running = 0;

 private:
  Promise<void> gate_;
};

class Dynamic : public RpcTarget {
 public:
  explicit Dynamic(Promise<void> g) : gate_(std::move(g)) {}
  Task<Value> call(std::string, Array) override {
    co_await gate_;
    co_return 1;
  }
  Task<Value> get(std::string) override {
    co_await gate_;
    co_return 2;
  }

 private:
  Promise<void> gate_;
};

class CallsLimit : public ::testing::Test {
 protected:
  std::size_t calls() const { return wire_.session.stats().calls; }
  void push_and_release(std::string_view method) {
    wire_.session.receive("[\"push\",[\"pipeline\",0,[\"" + std::string(method) + "\"],[]]]");
    wire_.session.receive("[\"release\"," + std::to_string(next_id_++) + ",1]");
  }
  std::string ask(std::string_view method) {
    wire_.session.receive("[\"push\",[\"pipeline\",0,[\"" + std::string(method) + "\"],[]]]");
    return wire_.send({"[\"pull\"," + std::to_string(next_id_++) + "]"});
  }
  std::string refusal() const {
    return "[\"reject\"," + std::to_string(next_id_ - 1) + "," + std::string(kTooManyCalls) + "]\n";
  }

  std::pair<Promise<void>, PromiseResolver<void>> gate_ = make_promise<void>();
  std::shared_ptr<Host> host_ = std::make_shared<Host>(gate_.first);
  Wire wire_{Value(Stub<Host>(host_)), {.limits = {.max_calls = 3}}};
  int next_id_ = 1;
};

TEST_F(CallsLimit, CountsHandlersThatRunOnAfterTheirRelease_L8_M25) {
  for (int i = 0; i < 1000; ++i) push_and_release("wait");
  EXPECT_EQ(host_->running, 3);
  EXPECT_EQ(wire_.session.stats(), (Session::Stats{1, 1, 3}));
  const std::string answer = ask("at_once");
  EXPECT_EQ(answer, refusal());

  gate_.second.resolve();
  EXPECT_EQ(host_->running, 0);
  EXPECT_EQ(calls(), 0U);
  EXPECT_EQ(ask("at_once"), "[\"resolve\",1002,7]\n");
  EXPECT_EQ(wire_.session.end_reason(), nullptr);
}

TEST_F(CallsLimit, DoesNotCountHandlersThatEndAtOnce_L8) {
  for (int i = 1; i <= 100; ++i)
    EXPECT_EQ(ask("at_once"), "[\"resolve\"," + std::to_string(i) + ",7]\n");
  EXPECT_EQ(wire_.session.stats(), (Session::Stats{1, 101, 0}));
}

TEST_F(CallsLimit, CountsTasksThatAHandlerStarts_L8) {
  for (int i = 0; i < 10; ++i) push_and_release(i % 2 ? "start_waiting" : "promise_to_wait");
  EXPECT_EQ(host_->running, 3);
  EXPECT_EQ(calls(), 3U);
  gate_.second.resolve();
  EXPECT_EQ(calls(), 0U);
}

TEST_F(CallsLimit, ATaskThatAHandlerAwaitsIsThatHandler_L8) {
  push_and_release("twice");
  EXPECT_EQ(calls(), 1U);
  gate_.second.resolve();
  EXPECT_EQ(calls(), 0U);
}

TEST_F(CallsLimit, CountsCallsAndReadsOfDynamicTargets_L8) {
  Wire wire(Value(Stub<>(std::make_shared<Dynamic>(gate_.first))), {.limits = {.max_calls = 2}});
  wire.send({R"(["push",["pipeline",0,["any"],[]]])", R"(["push",["pipeline",0,["any"]]])",
             R"(["push",["pipeline",0,["any"]]])"});
  EXPECT_EQ(wire.session.stats().calls, 2U);
  EXPECT_NE(wire.send({R"(["pull",3])"}).find("Too many calls of this session are running: 2;"),
            std::string::npos);
  gate_.second.resolve();
  EXPECT_EQ(wire.session.stats().calls, 0U);
}

TEST_F(CallsLimit, OutlivesItsSession_L8) {
  Wire gone(Value(Stub<Host>(host_)), {.limits = {.max_calls = 3}});
  gone.send({R"(["push",["pipeline",0,["wait"],[]]])"});
  gone.session.close();
  EXPECT_EQ(gone.session.stats(), (Session::Stats{0, 0, 1})) << "handlers run on";
  gone.session = Session();
  gate_.second.resolve();
  EXPECT_EQ(host_->running, 0);
}

TEST_F(CallsLimit, DoesNotCountWhatTheApplicationRuns_L8) {
  const Stub<Host> local(host_);
  for (int i = 0; i < 10; ++i) local->wait().detach();
  capnweb::start(host_->wait()).detach();
  EXPECT_EQ(host_->running, 11);
  EXPECT_EQ(calls(), 0U);
  EXPECT_EQ(ask("at_once"), "[\"resolve\",1,7]\n");
  gate_.second.resolve();
}

TEST_F(CallsLimit, DoesNotCountWhatGoesOnDuringAMessage_L8) {
  // A message is handled inside of a handler, and what has waited for it goes on there: that is no
  // call of the outer message's sender.
  Pair inner{Value(Stub<Host>(host_))};
  auto [begin, begun] = make_promise<void>();
  const auto later = [](Promise<void> b, std::shared_ptr<Host> host) -> Task<> {
    co_await b;
    capnweb::start(host->wait()).detach();
  };
  capnweb::start(later(begin, host_)).detach();
  auto feed = [&](Array&) {
    begun.resolve();
    inner.alice.receive("[\"push\",1]");
    return Value();
  };
  Wire outer(function(feed), {.limits = {.max_calls = 1}});
  outer.send({R"(["push",["pipeline",0,[],[]]])"});
  EXPECT_EQ(host_->running, 1);
  EXPECT_EQ(outer.session.stats().calls, 0U);
  gate_.second.resolve();
}

}  // namespace
}  // namespace capnweb::testing
