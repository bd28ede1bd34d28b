#include <gtest/gtest.h>

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>
#include <capnweb/asio.hpp>
#include <capnweb/loop.hpp>
#include <capnweb/promise.hpp>
#include <chrono>
#include <csignal>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "net/loop_core.hpp"

namespace capnweb {
namespace {

using namespace std::chrono_literals;

Task<int> give(int value) { co_return value; }
Task<> fail(std::string text) {
  throw std::runtime_error(text);
  co_return;
}
Task<> sleep_then(std::chrono::milliseconds time, std::function<void()> action) {
  co_await sleep_for(time);
  action();
}
Task<> forever(std::shared_ptr<int>) { co_await sleep_for(24h); }

TEST(Run, GivesTheResultOrThrowsTheException) {
  EXPECT_EQ(run(give(7)), 7);
  EXPECT_THROW(run(fail("oops")), std::runtime_error);
  EXPECT_EQ(run([]() -> Task<std::unique_ptr<int>> {
              co_await sleep_for(1ms);
              co_return std::make_unique<int>(3);
            }())
                .operator*(),
            3);
}

TEST(Run, EndsWhatElseRunsOnTheLoop) {
  const auto held = std::make_shared<int>();
  run([](std::shared_ptr<int> token) -> Task<> {
    Loop::current().spawn(forever(token));
    co_await sleep_for(1ms);
    EXPECT_GT(token.use_count(), 2);
  }(held));
  EXPECT_EQ(held.use_count(), 1);
}

TEST(Run, ThrowsWhatASpawnedCoroutineDidNotCatch) {
  const auto main = []() -> Task<> {
    Loop::current().spawn(fail("in the background"));
    co_await sleep_for(24h);
  };
  try {
    run(main());
    FAIL();
  } catch (const std::runtime_error& error) {
    EXPECT_STREQ(error.what(), "in the background");
  }
}

TEST(Run, RefusesToRunInsideOfALoop) {
  run([]() -> Task<> {
    EXPECT_THROW(run(give(1)), std::logic_error);
    EXPECT_THROW(Loop::current().run(), std::logic_error);
    co_return;
  }());
}

TEST(Loop, RunsSleepersInOrderOfTheirTimes) {
  Loop loop;
  std::vector<int> order;
  loop.spawn(sleep_then(30ms, [&] { loop.stop(); }));
  loop.spawn(sleep_then(5ms, [&] { order.push_back(2); }));
  loop.spawn(sleep_then(1ms, [&] { order.push_back(1); }));
  loop.spawn(sleep_then(0ms, [&] { order.push_back(0); }));
  loop.run();
  EXPECT_EQ(order, (std::vector{0, 1, 2}));
}

TEST(Loop, AwaitingManyTimesInOneCoroutineDoesNotGrowTheStack) {
  run([]() -> Task<> {
    for (int i = 0; i < 5000; ++i) co_await sleep_for(0ms);
  }());
}

TEST(Loop, TakesPostsOfOtherThreads) {
  Loop loop;
  std::atomic<int> count = 0;
  std::vector<std::thread> threads;
  threads.reserve(4);
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&] {
      for (int j = 0; j < 100; ++j)
        loop.post([&] {
          if (++count == 400) loop.stop();
        });
    });
  loop.run();
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(count, 400);
}

TEST(Loop, StopBeforeRunMakesItReturnAtOnceAndOnlyOnce) {
  Loop loop;
  loop.stop();
  loop.run();
  bool ran = false;
  loop.post([&] {
    ran = true;
    loop.stop();
  });
  loop.run();
  EXPECT_TRUE(ran);
}

TEST(Loop, GoesOnAfterAnException) {
  Loop loop;
  loop.spawn(fail("first"));
  EXPECT_THROW(loop.run(), std::runtime_error);
  loop.post([] { throw std::logic_error("posted"); });
  EXPECT_THROW(loop.run(), std::logic_error);
  loop.post([&] { loop.stop(); });
  loop.run();
}

TEST(Loop, CurrentIsTheOneThatRuns) {
  EXPECT_THROW(Loop::current(), std::logic_error);
  Loop first;
  Loop second;
  EXPECT_EQ(&Loop::current(), &first);
  second.post([&] {
    EXPECT_EQ(&Loop::current(), &second);
    second.stop();
  });
  second.run();
  EXPECT_EQ(&Loop::current(), &first);
}

TEST(Loop, DestroysCoroutinesThatHaveNotEnded) {
  const auto held = std::make_shared<int>();
  {
    Loop loop;
    loop.spawn(forever(held));  // not even begun
  }
  EXPECT_EQ(held.use_count(), 1);
  {
    Loop loop;
    loop.spawn(forever(held));
    loop.post([&] { loop.stop(); });
    loop.run();
    EXPECT_EQ(held.use_count(), 2);
  }
  EXPECT_EQ(held.use_count(), 1);
}

TEST(Loop, PostsAfterItsEndAreForgotten) {
  const auto held = std::make_shared<int>();
  std::shared_ptr<LoopCore> core;
  {
    Loop loop;
    core = loop.core();
    loop.post([held] { FAIL(); });
  }
  core->post([held] { FAIL(); });
  core.reset();
  EXPECT_EQ(held.use_count(), 1);
}

TEST(Loop, WaitsForASignal) {
  const int signal = run([]() -> Task<int> {
    Loop::current().post([] { std::raise(SIGTERM); });
    co_return co_await wait_for_signal();
  }());
  EXPECT_EQ(signal, SIGTERM);
}

TEST(Loop, AWaitForASignalEndsWithTheLoop) {
  const auto held = std::make_shared<int>();
  run([](std::shared_ptr<int> token) -> Task<> {
    const auto wait = [](std::shared_ptr<int>) -> Task<> { co_await wait_for_signal(); };
    Loop::current().spawn(wait(token));
    co_await sleep_for(0ms);
  }(held));
  EXPECT_EQ(held.use_count(), 1);
}

// ---- Promise::get()

TEST(Get, RunsTheThreadsLoopUntilThePromiseHasSettled) {
  Loop loop;
  auto [promise, resolver] = make_promise<int>();
  loop.spawn([](PromiseResolver<int> later) -> Task<> {
    co_await sleep_for(1ms);
    later.resolve(5);
  }(std::move(resolver)));
  EXPECT_EQ(promise.get(), 5);
}

TEST(Get, ThrowsWhereItWouldWaitForEver) {
  auto [promise, resolver] = make_promise<int>();
  {
    Loop loop;
    loop.post([&] {
      EXPECT_THROW(promise.get(), std::logic_error);
      loop.stop();
    });
    EXPECT_THROW(promise.get(), std::logic_error) << "stopped";
  }
  EXPECT_THROW(promise.get(), std::logic_error) << "no loop";
  resolver.resolve(1);
  EXPECT_EQ(promise.get(), 1);
}

// ---- Somebody else's context

TEST(MakeLoop, LivesOnTheContextOfTheApplication) {
  boost::asio::io_context context;
  std::vector<int> order;
  {
    Loop loop = make_loop(context.get_executor());
    EXPECT_THROW(loop.run(), std::logic_error);
    loop.spawn(sleep_then(1ms, [&] { order.push_back(2); }));
    boost::asio::post(context, [&] { order.push_back(1); });
    context.run();
    EXPECT_EQ(order, (std::vector{1, 2}));
    loop.spawn(forever({}));
    context.restart();
    context.run_for(1ms);
  }
  context.restart();
  EXPECT_GE(context.run(), 0U) << "nothing of the loop is left to wait for";
}

// Awaits again and again; `inside` shows whether others run at the same time.
Task<> work(int steps, std::atomic<int>& inside, std::atomic<int>& count) {
  for (int i = 0; i < steps; ++i) {
    co_await sleep_for(std::chrono::microseconds(10 * (i % 3)));
    EXPECT_EQ(++inside, 1);
    ++count;
    --inside;
  }
}

TEST(MakeLoop, RunsOnAStrandOfSeveralThreads) {
  std::atomic<int> inside = 0;
  std::atomic<int> count = 0;
  boost::asio::io_context context;
  const auto strand = boost::asio::make_strand(context);
  const std::unique_ptr<Loop> loop(new Loop(make_loop(strand)));
  std::vector<std::thread> threads;
  threads.reserve(4);
  for (int i = 0; i < 10; ++i) loop->spawn(work(50, inside, count));
  for (int i = 0; i < 3; ++i) threads.emplace_back([&] { context.run(); });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(count, 500);
}

TEST(MakeLoop, ExceptionsOfCoroutinesLeaveTheContextsRun) {
  boost::asio::io_context context;
  Loop loop = make_loop(context.get_executor());
  loop.spawn(fail("mine"));
  EXPECT_THROW(context.run(), std::runtime_error);
}

}  // namespace
}  // namespace capnweb
