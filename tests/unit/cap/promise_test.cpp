// promise_test.cpp: promises settled on this side, and the values that come out of them.
#include <gtest/gtest.h>

#include <capnweb/detail/resolver.hpp>
#include <memory>
#include <stop_token>
#include <string>
#include <utility>

#include "cap/copy_cost.hpp"
#include "cap/settle.hpp"
#include "cap/turn.hpp"
#include "support/awaited.hpp"
#include "support/object.hpp"

namespace capnweb::testing {
namespace {

using detail::HookRef;
using detail::Resolver;

TEST(Promise, RejectsWhenItsResolverIsDropped) {
  auto resolver = std::make_unique<Resolver>();
  Awaited awaited(resolver->promise());
  EXPECT_EQ(awaited.failure(), "pending");
  resolver.reset();
  EXPECT_EQ(awaited.failure(), "The promise was dropped by who had to resolve it.");
}

TEST(Promise, AResolverThatIsReplacedRejectsItsPromise) {
  Resolver first;
  Resolver second;
  Awaited old(first.promise());
  Awaited kept(second.promise());
  first = std::move(second);
  EXPECT_EQ(old.failure(), "The promise was dropped by who had to resolve it.");
  first.resolve(5);
  EXPECT_EQ(kept.value(), Value(5));
}

TEST(Promise, SettlesOnceOnly) {
  Resolver resolver;
  Awaited awaited(resolver.promise());
  resolver.resolve(1);
  resolver.reject(Error("too late"));
  EXPECT_EQ(awaited.value(), Value(1));
}

TEST(Promise, CannotBeResolvedWithItself) {
  Resolver resolver;
  HookRef hook = resolver.promise();
  Awaited awaited(hook);
  resolver.resolve(promise(hook));
  EXPECT_EQ(awaited.failure(), "TypeError: A promise can't be resolved with itself.");
}

TEST(Promise, CannotFollowAPromiseThatFollowsIt) {
  Resolver first, second;
  HookRef one = first.promise();
  HookRef two = second.promise();
  first.resolve(promise(two));
  Awaited awaited(one);
  second.resolve(promise(one));
  EXPECT_EQ(awaited.failure(), "TypeError: A promise can't be resolved with itself.");
}

TEST(Promise, CannotBeResolvedWithAValueThatHoldsIt) {
  Resolver first, second;
  HookRef one = first.promise();
  HookRef two = second.promise();
  first.resolve(Array{1, Object{{"two", promise(two)}}});
  Awaited awaited(two);
  second.resolve(Error::thrown(Value("no error")).set_property("one", promise(one)));
  EXPECT_EQ(awaited.failure(), "TypeError: A promise can't be resolved with itself.");
}

TEST(Promise, CannotBeRejectedWithAnErrorThatHoldsIt) {
  Resolver resolver;
  HookRef hook = resolver.promise();
  Awaited awaited(hook);
  resolver.reject(Error::thrown(Value(Array{promise(hook)})));
  EXPECT_EQ(awaited.failure(), "TypeError: A promise can't be resolved with itself.");
}

// A peer can name the promise of a pending call as a stub, too (C-2).
TEST(Promise, CannotBeResolvedWithAStubOfItself) {
  Resolver resolver;
  HookRef hook = resolver.promise();
  Awaited awaited(hook);
  resolver.resolve(Value(detail::StubRef{hook}));
  EXPECT_EQ(awaited.failure(), "TypeError: A promise can't be resolved with itself.");
}

TEST(Promise, CannotBeResolvedWithWhatIsQueuedOnIt) {
  Resolver resolver;
  HookRef hook = resolver.promise();
  HookRef queued = call(hook, {"method"});
  Awaited awaited(queued);
  resolver.resolve(promise(queued));
  EXPECT_EQ(awaited.failure(), "TypeError: A promise can't be resolved with itself.");
}

TEST(Promise, CannotBeResolvedWithACallThatNeedsIt_C24) {
  Resolver resolver;
  HookRef hook = resolver.promise();
  bool was_called = false;
  const Value object = target({{"method", [&](Array&) {
                                  was_called = true;
                                  return Value();
                                }}});
  HookRef result = call(hook_of(object), {"method"}, {promise(hook)});
  Awaited awaited(result);
  hook = nullptr;
  resolver.resolve(promise(result));
  EXPECT_EQ(awaited.failure(), "TypeError: A promise can't be resolved with itself.");
  EXPECT_FALSE(was_called);
}

TEST(Promise, MayBeResolvedWithTheSamePromiseTwice) {
  Resolver first, second;
  HookRef one = first.promise();
  Awaited awaited(second.promise());
  second.resolve(Array{promise(one), promise(one)});
  first.resolve(5);
  EXPECT_EQ(awaited.value(), Value(Array{5, 5}));
}

TEST(Promise, FollowsAPropertyOfAnother) {
  Resolver inner;
  auto path = std::make_shared<const Path>(Path{"a"});
  Resolver outer;
  Awaited awaited(outer.promise());
  outer.resolve(Value(detail::PromiseRef{inner.promise(), path}));
  inner.resolve(Object{{"a", 5}});
  EXPECT_EQ(awaited.value(), Value(5));
}

TEST(Promise, LeavesItsValueToOthersThatHoldWhatItFollows_C24) {
  Resolver kept, passed_on;
  const HookRef cached = kept.promise();
  kept.resolve(Value("a text that is kept for all callers"));
  HookRef follower = passed_on.promise();
  passed_on.resolve(promise(cached));
  EXPECT_EQ(Awaited(std::move(follower)).value(), Value("a text that is kept for all callers"));

  const Value echo = function([](Array& a) { return std::move(a[0]); });
  Resolver argument;
  HookRef named = argument.promise();
  argument.resolve(promise(cached));
  Awaited echoed(call(hook_of(echo), {}, {promise(std::exchange(named, nullptr))}));
  EXPECT_EQ(echoed.value(), Value("a text that is kept for all callers"));
  EXPECT_EQ(cached->outcome()->value(), Value("a text that is kept for all callers"));
}

TEST(Promise, RunsWaitersFromTheTurnsQueue) {
  Resolver resolver;
  Awaited awaited(resolver.promise());
  {
    const detail::Turn turn;
    resolver.resolve(1);
    EXPECT_FALSE(awaited.is_done());
  }
  EXPECT_TRUE(awaited.is_done());
}

TEST(Promise, DeliversQueuedCallsBeforeLaterOnes_C26) {
  std::string order;
  const Value object = target({{"note", [&](Array& a) {
                                  order += a[0].get<std::string>();
                                  return Value();
                                }}});
  Resolver resolver;
  HookRef hook = resolver.promise();
  call(hook, {"note"}, {"1"});
  const detail::Turn turn;
  resolver.resolve(object);
  call(hook, {"note"}, {"2"});
  detail::Turn::drain();
  call(hook, {"note"}, {"3"});
  EXPECT_EQ(order, "123");
}

TEST(Promise, QueuedCallsAreMadeThoughNobodyHoldsThePromise_R21) {
  int calls = 0;
  const Value object = target({{"note", [&](Array&) { return Value(++calls); }}});
  Resolver resolver;
  call(resolver.promise(), {"note"});
  resolver.resolve(object);
  EXPECT_EQ(calls, 1);
}

TEST(Promise, TellsItsResolverThatTheCallerIsGone_M25) {
  Resolver resolver;
  auto held = std::make_unique<HookRef>(resolver.promise());
  std::stop_token token = resolver.stop_token();
  EXPECT_FALSE(token.stop_requested());
  held.reset();
  EXPECT_TRUE(token.stop_requested());

  Resolver early;
  {
    HookRef dropped = early.promise();
  }
  EXPECT_TRUE(early.stop_token().stop_requested());
}

// The promise of such a call is another one than the handler's.
TEST(Promise, TellsAHandlerThatTheCallerOfAnEarlyCallIsGone_M25_C26) {
  for (const bool goes_first : {false, true}) {
    Resolver object, running;
    const std::stop_token token = running.stop_token();
    const HookRef result = call(object.promise(), {});
    if (goes_first) result->caller_gone();
    object.resolve(function([&](Array&) { return promise(running.promise()); }));
    if (!goes_first) result->caller_gone();
    EXPECT_TRUE(token.stop_requested());
  }
}

TEST(Promise, TellsAHandlerThatWaitedForArgumentsThatItsCallerIsGone_M25_C24) {
  for (const bool goes_first : {false, true}) {
    Resolver argument, running;
    const std::stop_token token = running.stop_token();
    const Value handler = function([&](Array&) { return promise(running.promise()); });
    const HookRef result = call(hook_of(handler), {}, {promise(argument.promise())});
    if (goes_first) result->caller_gone();
    argument.resolve(5);
    if (!goes_first) result->caller_gone();
    EXPECT_TRUE(token.stop_requested());
  }
}

TEST(Promise, AHandlerWhoseResultOthersHoldIsStillWanted_M25) {
  Resolver object, running;
  const std::stop_token token = running.stop_token();
  const HookRef shared = running.promise();
  const HookRef result = call(object.promise(), {});
  object.resolve(function([&](Array&) { return promise(shared); }));
  result->caller_gone();
  EXPECT_FALSE(token.stop_requested());
}

TEST(Promise, WatchesFollowWhatItResolvesTo_O21) {
  std::string log;
  const auto watch = [&log](const HookRef& hook, std::string name) {
    return hook->on_broken([&log, name](const Error& e) { log += name + ":" + e.message() + " "; });
  };
  Resolver outer, inner;
  HookRef one = outer.promise();
  HookRef two = inner.promise();
  auto early = watch(one, "early");
  {
    auto gone = watch(one, "gone");
  }
  outer.resolve(promise(two));
  auto late = watch(one, "late");
  inner.reject(Error("no"));
  EXPECT_EQ(log, "early:no late:no ");

  EXPECT_EQ(watch(detail::make_resolved(5), "plain"), nullptr);
  Resolver to_stub;
  HookRef three = to_stub.promise();
  auto follows = watch(three, "stub");
  to_stub.resolve(target({}));
  EXPECT_EQ(log, "early:no late:no ");
}

TEST(Promise, MapsWhatItResolvesTo) {
  const auto program = [] { return detail::MapProgram{{}, R"([["pipeline",0,["a"]]])"}; };
  Resolver resolver;
  HookRef hook = resolver.promise();
  Awaited queued(hook->map({}, program()));
  resolver.resolve(Array{Value(Object{{"a", 1}}), Value(Object{{"a", 2}})});
  EXPECT_EQ(queued.value(), Value(Array{1, 2}));
  Awaited settled(hook->map({}, program()));
  EXPECT_EQ(settled.value(), Value(Array{1, 2}));

  Resolver outer;
  HookRef follower = outer.promise();
  outer.resolve(promise(hook));
  Awaited through(follower->map({}, program()));
  EXPECT_EQ(through.value(), Value(Array{1, 2}));
  Awaited failed(detail::make_rejected(Error("no"))->map({}, program()));
  EXPECT_EQ(failed.failure(), "no");
}

TEST(Promise, MapsPropertiesOfObjects) {
  const HookRef object = hook_of(target({}, {},
                                        {{"list", [] { return Value(Array{1, 2}); }},
                                         {"bad", []() -> Value { throw Error("no"); }}}));
  Awaited list(object->map(Path{"list"}, {{}, R"([["pipeline",0]])"}));
  EXPECT_EQ(list.value(), Value(Array{1, 2}));
  Awaited whole(object->map({}, {{}, R"([5])"}));
  EXPECT_EQ(whole.value(), Value(5));
  Awaited bad(object->map(Path{"bad"}, {{}, R"([5])"}));
  EXPECT_EQ(bad.failure(), "no");
  Awaited text(object->map(Path{"list"}, {{}, "nonsense"}));
  EXPECT_TRUE(text.failure().starts_with("SyntaxError"));
}

TEST(Target, ABoundMethodIsOnlyAFunction_C14) {
  const HookRef object =
      hook_of(target({{"twice", [](Array& a) { return Value(a[0].get<double>() * 2); }}}));
  Awaited bound(object->get(Path{"twice"}));
  const HookRef method = hook_of(bound.value());
  Awaited called(call(method, {}, {4}));
  EXPECT_EQ(called.value(), Value(8));
  Awaited property(method->get(Path{"name"}));
  EXPECT_EQ(property.value(), Value());
  Awaited deeper(call(method, {"call"}));
  EXPECT_EQ(deeper.failure(), "TypeError: 'call' is not a function.");
}

TEST(Settle, RefusesAValueThatNestsWithoutEnd) {
  // Each promise resolves to an array around the next: no message is deep, the whole is.
  std::vector<Resolver> resolvers(detail::SettleAll::kMaxDepth + 10);
  std::vector<HookRef> hooks;
  for (Resolver& resolver : resolvers) hooks.push_back(resolver.promise());
  Awaited awaited(hooks.front());
  for (std::size_t i = 0; i + 1 < resolvers.size(); ++i)
    resolvers[i].resolve(Array{promise(hooks[i + 1])});
  resolvers.back().resolve(1);
  EXPECT_EQ(awaited.failure(), "TypeError: A value nests too deeply to be delivered.");
}

TEST(Settle, RefusesResultsThatDoubleWithEachMessage) {
  HookRef hook = detail::make_resolved(Value("a text that is long enough to be worth a copy"));
  for (int i = 0; i < 64; ++i) hook = detail::make_resolved(Array{promise(hook), promise(hook)});
  Awaited awaited(hook);
  EXPECT_EQ(awaited.failure(),
            "RangeError: Results that are named again and again grow too large to be delivered.");
}

TEST(Settle, CountsAllThatACopyTakes) {
  const std::string text(1000, 'x');
  const Value values[] = {text,
                          Bytes::from_text(text),
                          *BigInt::parse(std::string(3000, '9')),
                          Url{"http://a/" + text},
                          Headers{{"a", text}},
                          Request{.url = "http://a/", .body = text},
                          Response{.headers = {{"a", text}}},
                          Response{.init = {{"a", text}}},
                          Blob{.type = "text/plain", .bytes = Bytes::from_text(text)},
                          Error(text),
                          Error(text, "name"),
                          Error("stack").set_stack(text),
                          Error("property").set_property("cause", text),
                          Error::thrown(text),
                          Array{1, text},
                          Object{{text, 1}}};
  for (const Value& value : values) EXPECT_GT(detail::copy_cost(value), 1000U) << value.kind_name();
  EXPECT_LT(detail::copy_cost(5), 100U);
}

TEST(Settle, FillsPromisesWhereverTheyStand) {
  Resolver resolver;
  Awaited awaited(detail::make_resolved(Object{{"a", Array{promise(resolver.promise()), 2}},
                                               {"b", promise(detail::make_resolved(3))}}));
  EXPECT_FALSE(awaited.is_done());
  resolver.resolve(1);
  EXPECT_EQ(awaited.value(), Value(Object{{"a", Array{1, 2}}, {"b", 3}}));
}

TEST(Settle, TheFirstFailureWins_C25) {
  Resolver first, second;
  Awaited awaited(
      detail::make_resolved(Array{promise(first.promise()), promise(second.promise())}));
  second.reject(Error("second"));
  EXPECT_EQ(awaited.failure(), "second");
  first.reject(Error("first"));
  EXPECT_EQ(awaited.failure(), "second");
}

}  // namespace
}  // namespace capnweb::testing
