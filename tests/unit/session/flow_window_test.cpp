#include "session/flow_window.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>

namespace capnweb::detail {
namespace {

TEST(FlowWindow, LetsOneMessageOvershoot_S29) {
  FlowWindow window;
  int writes = 0;
  while (!window.is_full()) {
    window.on_send(65526, 1);
    ++writes;
  }
  EXPECT_EQ(writes, 5);  // 65 KB chunks to a silent reader
  EXPECT_EQ(window.in_flight(), 327630);

  FlowWindow large;
  large.on_send(1'000'000, 1);
  EXPECT_TRUE(large.is_full());
}

TEST(FlowWindow, BoundsTheNumberOfSmallWrites) {
  FlowWindow window;
  std::size_t writes = 0;
  for (; !window.is_full(); ++writes) window.on_send(1, 1);
  EXPECT_EQ(writes, FlowWindow::kMostWrites);
}

TEST(FlowWindow, LearnsNothingFromFailures_S31) {
  FlowWindow window;
  const auto sent = window.on_send(300'000, 1);
  EXPECT_TRUE(window.is_full());
  window.on_failure(sent);
  EXPECT_FALSE(window.is_full());
  EXPECT_EQ(window.size(), FlowWindow::kInitial);
}

TEST(FlowWindow, SurvivesAClockThatStands_S30) {
  FlowWindow window;
  for (int i = 0; i < 100; ++i) window.on_ack(window.on_send(1000, 5), 5);
  EXPECT_EQ(window.size(), FlowWindow::kInitial);
  EXPECT_EQ(window.in_flight(), 0);
}

// A link of some rate (units a millisecond) and round trip, with a writer who always has more.
class Link {
 public:
  Link(double rate, double round_trip) : rate_(rate), round_trip_(round_trip) {}

  // Runs for some time; units delivered in it.
  double run(double milliseconds) {
    const double end = now_ + milliseconds;
    double delivered = 0;
    while (now_ < end) {
      while (!window.is_full()) {
        free_at_ = std::max(now_, free_at_) + kChunk / rate_;
        on_the_way_.push_back(
            {window.on_send(static_cast<std::size_t>(kChunk), now_), free_at_ + round_trip_});
        most_in_flight = std::max(most_in_flight, window.in_flight());
      }
      const Write next = on_the_way_.front();
      on_the_way_.pop_front();
      now_ = std::max(now_, next.acknowledged);
      window.on_ack(next.sent, now_);
      delivered += kChunk;
    }
    return delivered;
  }
  void set_rate(double rate) { rate_ = rate; }

  FlowWindow window;
  double most_in_flight = 0;

 private:
  static constexpr double kChunk = 16 * 1024;
  struct Write {
    FlowWindow::Sent sent;
    double acknowledged = 0;
  };
  double rate_;
  double round_trip_;
  double now_ = 1;
  double free_at_ = 0;
  std::deque<Write> on_the_way_;
};

TEST(FlowWindow, FillsALongFastLink_S30) {
  constexpr double kRate = 50'000;  // 50 MB a second: 5 MB at 100 ms, twenty initial windows
  Link link(kRate, 100);
  link.run(2'000);
  EXPECT_GE(link.run(5'000), 0.9 * kRate * 5'000);
  // And does not pile up what the link does not hold: that would delay all other messages.
  EXPECT_LE(link.window.size(), 2 * kRate * 100);
}

TEST(FlowWindow, BoundsWhatASlowReaderIsSent_S15_S30) {
  Link link(20, 10);  // 20 KB a second
  link.run(60'000);
  EXPECT_LE(link.most_in_flight, 2 * FlowWindow::kInitial);
  EXPECT_LE(link.window.size(), FlowWindow::kInitial);
}

TEST(FlowWindow, FollowsALinkThatBecomesSlower_S28) {
  Link link(50'000, 50);
  link.run(5'000);
  const double before = link.window.size();
  link.set_rate(1'000);
  link.run(120'000);
  EXPECT_LT(link.window.size(), before / 4);
  EXPECT_GE(link.window.size(), FlowWindow::kLeast);
}

}  // namespace
}  // namespace capnweb::detail
