#include <gtest/gtest.h>

#include <capnweb/promise.hpp>
#include <capnweb/start.hpp>
#include <capnweb/task.hpp>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "unit/api/run.hpp"

namespace capnweb::testing {
namespace {

Task<int> number(int value) { co_return value; }

Task<> note(std::vector<std::string>& log, std::string text) {
  log.push_back(std::move(text));
  co_return;
}

TEST(Task, StartsWhenItIsAwaited) {
  std::vector<std::string> log;
  run([](std::vector<std::string>& l) -> Task<> {
    auto first = note(l, "first");
    l.push_back("before");
    co_await first;
    l.push_back("after");
  }(log));
  EXPECT_EQ(log, (std::vector<std::string>{"before", "first", "after"}));
}

TEST(Task, IsNeverStartedIfNobodyAwaitsIt) {
  std::vector<std::string> log;
  {
    auto never = note(log, "never");
  }
  EXPECT_TRUE(log.empty());
}

TEST(Task, GivesItsResult) {
  run([]() -> Task<> {
    EXPECT_EQ(co_await number(5), 5);
    auto moved = []() -> Task<std::unique_ptr<int>> { co_return std::make_unique<int>(6); };
    EXPECT_EQ(*co_await moved(), 6);
    auto braces = []() -> Task<std::pair<int, int>> { co_return {1, 2}; };
    EXPECT_EQ((co_await braces()).second, 2);
  }());
}

TEST(Task, ThrowsWhatTheCoroutineThrew) {
  run([]() -> Task<> {
    auto bad = []() -> Task<int> {
      throw std::out_of_range("too far");
      co_return 0;
    };
    EXPECT_THROW(co_await bad(), std::out_of_range);
    auto outer = [&bad]() -> Task<> { co_await bad(); };
    EXPECT_THROW(co_await outer(), std::out_of_range);
  }());
}

TEST(Task, GoesOnWhenWhatItWaitsForIsThere) {
  auto [promise, resolver] = make_promise<int>();
  int got = 0;
  bool is_done = false;
  start(
      [](Promise<int> p, int& result) -> Task<> {
        auto inner = [](Promise<int> q) -> Task<int> { co_return co_await q * 2; };
        result = co_await inner(p) + 1;
      }(promise, got),
      &is_done);
  EXPECT_FALSE(is_done);
  resolver.resolve(10);
  EXPECT_TRUE(is_done);
  EXPECT_EQ(got, 21);
}

TEST(Task, IsDestroyedWithItsOwnerWhileItWaits) {
  auto [promise, resolver] = make_promise<void>();
  auto alive = std::make_shared<int>(1);
  std::weak_ptr<int> watch = alive;
  auto waits = [](Promise<void> p, std::shared_ptr<int>) -> Task<> { co_await p; };
  {
    auto task = waits(promise, std::move(alive));
    task.handle().resume();  // as who awaits it does
    EXPECT_FALSE(task.handle().done());
    EXPECT_FALSE(watch.expired());
  }
  EXPECT_TRUE(watch.expired());
  resolver.resolve();
}

TEST(Task, AwaitedTwiceIsALogicError) {
  run([]() -> Task<> {
    auto task = number(1);
    EXPECT_EQ(co_await task, 1);
    EXPECT_THROW(co_await task, std::logic_error);
    auto other = number(2);
    auto moved = std::move(other);
    EXPECT_THROW(co_await other, std::logic_error);  // NOLINT(bugprone-use-after-move)
    EXPECT_EQ(co_await moved, 2);
  }());
}

// The stack must not grow by awaits that complete at once, at any -O and under sanitizers.
TEST(Task, AMillionAwaitsOfTasksDoNotGrowTheStack) {
  run([]() -> Task<> {
    long sum = 0;
    for (int i = 0; i < 1'000'000; ++i) sum += co_await number(1);
    EXPECT_EQ(sum, 1'000'000);
  }());
}

TEST(Task, AMillionAwaitsOfPromisesDoNotGrowTheStack) {
  run([]() -> Task<> {
    Promise<int> promise(detail::make_resolved(1));
    long sum = 0;
    for (int i = 0; i < 1'000'000; ++i) sum += co_await promise;
    EXPECT_EQ(sum, 1'000'000);
  }());
}

TEST(Task, StartRunsItToItsFirstSuspension) {
  auto [promise, resolver] = make_promise<int>();
  bool has_begun = false;
  auto doubled = capnweb::start([](Promise<int> p, bool& begun) -> Task<int> {
    begun = true;
    co_return co_await p * 2;
  }(promise, has_begun));
  EXPECT_TRUE(has_begun);
  int got = 0;
  doubled.then([&](int value) { got = value; });
  EXPECT_EQ(got, 0);
  resolver.resolve(4);
  EXPECT_EQ(got, 8);
}

TEST(Task, StartedGoesOnWithoutItsPromise) {
  auto [promise, resolver] = make_promise<void>();
  bool has_ended = false;
  capnweb::start([](Promise<void> p, bool& ended) -> Task<> {
    co_await p;
    ended = true;
  }(promise, has_ended))
      .detach();
  static_cast<void>(capnweb::start([](Promise<void> p) -> Task<> { co_await p; }(promise)));
  resolver.resolve();
  EXPECT_TRUE(has_ended);
}

TEST(Task, StartedAndFailedRejectsItsPromise) {
  run([]() -> Task<> {
    auto bad = []() -> Task<int> {
      throw Error::range_error("no");
      co_return 0;
    };
    EXPECT_EQ(co_await failure(capnweb::start(bad())), "RangeError: no");
    auto [promise, resolver] = make_promise<void>();
    auto later = [](Promise<void> p) -> Task<int> {
      co_await p;
      throw Error::range_error("later");
    };
    auto started = capnweb::start(later(promise));
    resolver.resolve();
    EXPECT_EQ(co_await failure(started), "RangeError: later");
  }());
}

}  // namespace
}  // namespace capnweb::testing
