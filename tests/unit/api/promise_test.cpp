#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <capnweb/detail/blocking.hpp>
#include <capnweb/promise.hpp>
#include <capnweb/stub.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "unit/api/recorder.hpp"
#include "unit/api/run.hpp"

namespace capnweb::testing {
namespace {

using ::testing::ElementsAre;

struct User {
  int id = 0;
  std::string name = {};
};
struct Account {
  User owner;
  std::vector<User> members = {};
};

template <class T>
Promise<T> resolved(Value value) {
  return Promise<T>(detail::make_resolved(std::move(value)));
}
template <class T>
Promise<T> rejected(Error error) {
  return Promise<T>(detail::make_rejected(std::move(error)));
}

TEST(Promise, NamedIsAwaitedAgain) {
  run([]() -> Task<> {
    auto text = resolved<std::string>("kept");
    EXPECT_EQ(co_await text, "kept");
    EXPECT_EQ(co_await text, "kept");
    EXPECT_EQ(co_await std::move(text), "kept");
  }());
}

TEST(Promise, TemporaryMovesItsResultOut) {
  run([]() -> Task<> {
    const std::string big(100, 'x');
    Value held(big);
    const char* place = held.get_if<std::string>()->data();
    Promise<std::string> text(detail::make_resolved(std::move(held)));
    const std::string got = co_await std::move(text);
    EXPECT_EQ(got.data(), place);
  }());
}

TEST(Promise, OfAnotherTypeIsATypeError) {
  run([]() -> Task<> {
    EXPECT_EQ(co_await failure(resolved<int>("text")),
              "TypeError: result: expected number, got string");
    Object user;
    user["id"] = 1;
    user["name"] = true;
    EXPECT_EQ(co_await failure(resolved<User>(user)),
              "TypeError: result.name: expected string, got boolean");
  }());
}

TEST(Promise, OfVoidIgnoresTheValue) {
  run([]() -> Task<> {
    auto promise = resolved<void>(Array{1, 2});
    co_await promise;
  }());
}

TEST(Promise, ThrowsTheErrorOfTheCall) {
  run([]() -> Task<> {
    EXPECT_EQ(co_await failure(rejected<int>(Error::range_error("far"))), "RangeError: far");
  }());
}

TEST(Promise, SettlesPromisesInsideItsValue_M16) {
  auto [inner, resolver] = make_promise<int>();
  auto outer = resolved<std::vector<int>>(Array{1, inner});
  std::vector<int> got;
  outer.then([&](std::vector<int> values) { got = values; });
  EXPECT_TRUE(got.empty());
  resolver.resolve(2);
  EXPECT_THAT(got, ElementsAre(1, 2));
}

TEST(Promise, ThenCallsBackAtOnceOrLater) {
  auto [promise, resolver] = make_promise<int>();
  std::vector<int> got;
  promise.then([&](int value) { got.push_back(value); });
  EXPECT_TRUE(got.empty());
  resolver.resolve(3);
  EXPECT_THAT(got, ElementsAre(3));
  promise.then([&](int value) { got.push_back(value + 1); });
  EXPECT_THAT(got, ElementsAre(3, 4));
}

TEST(Promise, ThenTellsErrors) {
  std::vector<std::string> log;
  const auto failed = [&](const Error& error) { log.emplace_back(error.what()); };
  rejected<void>(Error("no")).then([&] { log.emplace_back("yes"); }, failed);
  resolved<int>("text").then([&](int) { log.emplace_back("yes"); }, failed);
  resolved<void>(1).then([&] { log.emplace_back("void"); }, failed);
  rejected<int>(Error("ignored")).then([&](int) { log.emplace_back("yes"); });
  EXPECT_THAT(log, ElementsAre("no", "TypeError: result: expected number, got string", "void"));
}

TEST(Promise, ThenKeepsTheCallAlive) {
  auto [promise, resolver] = make_promise<int>();
  auto stop = resolver.stop_token();
  int got = 0;
  std::exchange(promise, {}).then([&](int value) { got = value; });
  EXPECT_FALSE(stop.stop_requested());
  resolver.resolve(1);
  EXPECT_EQ(got, 1);
}

TEST(Promise, DetachKeepsTheCallAliveAndDropsItsEnd) {
  auto [promise, resolver] = make_promise<int>();
  auto stop = resolver.stop_token();
  promise.detach();
  promise = {};
  EXPECT_FALSE(stop.stop_requested());
  resolver.reject(Error("nobody hears it"));
}

TEST(Promise, DroppedUndetachedTellsTheCallee_M25) {
  auto [promise, resolver] = make_promise<int>();
  auto stop = resolver.stop_token();
  auto copy = promise;
  promise = {};
  EXPECT_FALSE(stop.stop_requested());
  copy = {};
  EXPECT_TRUE(stop.stop_requested());
}

TEST(Promise, DroppedResolverRejects) {
  run([]() -> Task<> {
    auto dropped = make_promise<int>().first;
    EXPECT_NE(co_await failure(dropped), "");
  }());
}

TEST(Promise, ResolverFollowsAnotherPromise) {
  auto [promise, resolver] = make_promise<int>();
  auto [other, other_resolver] = make_promise<int>();
  resolver.resolve(other);
  int got = 0;
  promise.then([&](int value) { got = value; });
  other_resolver.resolve(9);
  EXPECT_EQ(got, 9);
}

TEST(Promise, GetGivesWhatHasSettled) {
  EXPECT_EQ(resolved<int>(4).get(), 4);
  resolved<void>(1).get();
  EXPECT_THROW(rejected<int>(Error("no")).get(), Error);
}

TEST(Promise, GetWithoutALoopIsALogicError) {
  auto [promise, resolver] = make_promise<int>();
  EXPECT_THROW(promise.get(), std::logic_error);
  resolver.resolve(1);
  EXPECT_EQ(promise.get(), 1);
}

TEST(Promise, GetWaitsAsTheLoopSays) {
  const auto wait = +[](detail::PromiseRef) { return detail::Outcome{Value(7)}; };
  const auto before = detail::set_blocking_wait(wait);
  auto [promise, resolver] = make_promise<int>();
  EXPECT_EQ(promise.get(), 7);
  EXPECT_EQ(detail::set_blocking_wait(before), wait);
}

TEST(Promise, MembersAreAskedForWhenUsed_C3) {
  const Recording recorder;
  recorder->answer = "Ada";
  Promise<Account> account{recorder.hook()};
  auto name = account[&Account::owner][&User::name];
  auto second = account[&Account::members][1][&User::id];
  EXPECT_TRUE(recorder->log.empty());
  run([](Promise<std::string> n) -> Task<> { EXPECT_EQ(co_await n, "Ada"); }(name));
  EXPECT_THAT(recorder->log, ElementsAre("get \"owner\".\"name\""));
  EXPECT_EQ(path_text(second.ref().path_view()), "\"members\".1.\"id\"");
}

TEST(Promise, MembersOfOptionalStructs) {
  run([]() -> Task<> {
    Object user;
    user["id"] = 5;
    auto found = resolved<std::optional<User>>(user);
    EXPECT_EQ(co_await found[&User::id], 5);
    auto none = resolved<std::optional<User>>(Value());
    EXPECT_EQ(co_await failure(none[&User::id]),
              "TypeError: Cannot read properties of undefined (reading 'id')");
  }());
}

TEST(Promise, OfAValueIsReachedByNames_C15) {
  const Recording recorder;
  Promise<Value> any{recorder.hook()};
  const std::size_t third = 2;
  any["list"][0]["1"][third].call("greet", "hi", 42, Value::null()).detach();
  EXPECT_THAT(recorder->log, ElementsAre("call \"list\".0.\"1\".2.\"greet\""));
  EXPECT_EQ(recorder->arguments[0].values, (Array{"hi", 42, nullptr}));
  any["f"](1).detach();
  any(2).detach();
  EXPECT_THAT(recorder->log,
              ElementsAre("call \"list\".0.\"1\".2.\"greet\"", "call \"f\"", "call "));
}

TEST(Promise, ConvertsToAndFromAPromiseOfAValue) {
  run([]() -> Task<> {
    Promise<Value> any = resolved<int>(3);
    EXPECT_EQ(co_await any, Value(3));
    EXPECT_EQ(co_await any.as<int>(), 3);
    EXPECT_EQ(co_await failure(any.as<std::string>()),
              "TypeError: result: expected string, got number");
    const Value nested = Object{{"p", resolved<int>(4)}};
    EXPECT_EQ(co_await resolved<Value>(nested)["p"], Value(4));
  }());
}

TEST(Promise, EmptyIsALogicError) {
  const Promise<User> empty;
  EXPECT_TRUE(empty.is_empty());
  EXPECT_THROW(empty.get(), std::logic_error);
  EXPECT_THROW(empty.detach(), std::logic_error);
  EXPECT_THROW(empty.then([](User) {}), std::logic_error);
  EXPECT_THROW(static_cast<void>(empty[&User::id]), std::logic_error);
  run([](const Promise<User>& promise) -> Task<> {
    EXPECT_THROW(co_await promise, std::logic_error);
  }(empty));
}

TEST(Promise, OnBrokenTellsItsFailure) {
  auto [promise, resolver] = make_promise<int>();
  std::string reason;
  auto watch = promise.on_broken([&](const Error& error) { reason = error.what(); });
  resolver.reject(Error("gone"));
  EXPECT_EQ(reason, "gone");
}

}  // namespace
}  // namespace capnweb::testing
