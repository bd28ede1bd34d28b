#include <gtest/gtest.h>

#include <capnweb/detail/timer.hpp>
#include <functional>
#include <memory>
#include <random>
#include <vector>

namespace capnweb::detail {
namespace {

using Time = Timer::Clock::time_point;
Time at(int ms) { return Time(std::chrono::milliseconds(ms)); }

class Alarm final : public Timer {
 public:
  explicit Alarm(std::function<void()> action) : action_(std::move(action)) {}

 private:
  void on_time(Time) noexcept override { action_(); }
  std::function<void()> action_;
};

TEST(TimerQueue, RunsWhatIsDueInOrderOfDeadlines) {
  TimerQueue queue;
  std::vector<int> ran;
  Alarm a([&] { ran.push_back(1); }), b([&] { ran.push_back(2); }), c([&] { ran.push_back(3); });
  queue.set(c, at(30));
  queue.set(a, at(10));
  queue.set(b, at(20));
  EXPECT_EQ(queue.next_deadline(), at(10));
  queue.run_due(at(9));
  EXPECT_TRUE(ran.empty());
  queue.run_due(at(20));
  EXPECT_EQ(ran, (std::vector{1, 2}));
  EXPECT_FALSE(a.is_set());
  EXPECT_EQ(queue.next_deadline(), at(30));
}

TEST(TimerQueue, ForgetsTimersThatAreCancelledOrDestroyed) {
  TimerQueue queue;
  int ran = 0;
  Alarm a([&] { ++ran; });
  {
    Alarm b([&] { ++ran; });
    queue.set(a, at(2));
    queue.set(b, at(1));
  }
  a.cancel();
  a.cancel();
  EXPECT_TRUE(queue.empty());
  queue.run_due(at(100));
  EXPECT_EQ(ran, 0);
}

TEST(TimerQueue, SettingASetTimerMovesIt) {
  TimerQueue queue;
  int ran = 0;
  Alarm a([&] { ++ran; });
  queue.set(a, at(1));
  queue.set(a, at(50));
  queue.run_due(at(49));
  EXPECT_EQ(ran, 0);
  queue.run_due(at(50));
  EXPECT_EQ(ran, 1);
}

TEST(TimerQueue, ATimerThatSetsItselfAgainWaitsForTheNextRun) {
  TimerQueue queue;
  int ran = 0;
  std::unique_ptr<Alarm> a;
  a = std::make_unique<Alarm>([&] {
    ++ran;
    queue.set(*a, at(1));
  });
  queue.set(*a, at(1));
  queue.run_due(at(5));
  EXPECT_EQ(ran, 1);
  queue.run_due(at(5));
  EXPECT_EQ(ran, 2);
}

TEST(TimerQueue, ATimerMayCancelOrDestroyOthersThatAreDue) {
  TimerQueue queue;
  int ran = 0;
  auto victim = std::make_unique<Alarm>([&] { ++ran; });
  Alarm other([&] { ++ran; });
  Alarm first([&] {
    victim.reset();
    other.cancel();
  });
  queue.set(first, at(1));
  queue.set(*victim, at(2));
  queue.set(other, at(3));
  queue.run_due(at(5));
  EXPECT_EQ(ran, 0);
  EXPECT_TRUE(queue.empty());
}

TEST(TimerQueue, TimersMayOutliveIt) {
  Alarm a([] {});
  {
    TimerQueue queue;
    queue.set(a, at(1));
  }
  EXPECT_FALSE(a.is_set());
}

TEST(TimerQueue, KeepsItsOrderThroughAnything) {
  std::mt19937 random(3);
  TimerQueue queue;
  std::vector<std::unique_ptr<Alarm>> alarms;
  alarms.reserve(200);
  std::vector<int> deadlines(200, -1);
  std::vector<int> ran;
  for (int i = 0; i < 200; ++i)
    alarms.push_back(std::make_unique<Alarm>([&ran, i] { ran.push_back(i); }));
  for (int step = 0; step < 5000; ++step) {
    const std::size_t i = random() % alarms.size();
    if (random() % 4 == 0) {
      alarms[i]->cancel();
      deadlines[i] = -1;
    } else {
      deadlines[i] = static_cast<int>(random() % 1000);
      queue.set(*alarms[i], at(deadlines[i]));
    }
  }
  queue.run_due(at(1000));
  std::size_t expected = 0;
  for (int deadline : deadlines) expected += deadline >= 0;
  ASSERT_EQ(ran.size(), expected);
  for (std::size_t i = 1; i < ran.size(); ++i)
    EXPECT_LE(deadlines[static_cast<std::size_t>(ran[i - 1])],
              deadlines[static_cast<std::size_t>(ran[i])]);
}

}  // namespace
}  // namespace capnweb::detail
