// bulk_test.cpp: a stream that always has more, and small calls beside it, over a link of some rate
// and delay. Times in milliseconds of a clock that the link moves.
#include <gtest/gtest.h>

#include <algorithm>
#include <capnweb/detail/stream.hpp>
#include <capnweb/generator.hpp>
#include <capnweb/session.hpp>
#include <capnweb/stream.hpp>
#include <chrono>
#include <deque>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "session/flow_window.hpp"
#include "support/awaited.hpp"
#include "support/object.hpp"

namespace capnweb::testing {
namespace {

using detail::FlowWindow;

constexpr std::size_t kChunk = 16 * 1024;

class Link {
 public:
  Link(double rate, double delay, Value bobs_main)
      : alice({}, options()), bob(std::move(bobs_main), options()), rate_(rate), delay_(delay) {}

  Session alice;
  Session bob;

  // Lets time pass, and messages arrive.
  void run_until(double time) {
    for (;;) {
      depart(alice, to_bob_);
      depart(bob, to_alice_);
      Way& next = arrival(to_alice_) < arrival(to_bob_) ? to_alice_ : to_bob_;
      if (arrival(next) > time) break;
      now_ = arrival(next);
      const std::string message = std::move(next.messages.front().text);
      next.messages.pop_front();
      (&next == &to_bob_ ? bob : alice).receive(message);
    }
    now_ = time;
  }
  double now() const { return now_; }

 private:
  struct Message {
    double arrival;
    std::string text;
  };
  struct Way {
    double free_at = 0;
    std::deque<Message> messages = {};
  };

  SessionOptions options() {
    SessionOptions options;
    options.clock = [this] {
      return std::chrono::steady_clock::time_point(
          std::chrono::duration_cast<std::chrono::steady_clock::duration>(
              std::chrono::duration<double, std::milli>(now_)));
    };
    return options;
  }
  static double arrival(const Way& way) {
    return way.messages.empty() ? std::numeric_limits<double>::infinity()
                                : way.messages.front().arrival;
  }
  void depart(Session& from, Way& way) {
    Outbox out;
    from.take_output(out);
    for (std::size_t i = 0; i < out.size(); ++i) {
      way.free_at = std::max(way.free_at, now_) + static_cast<double>(out[i].size()) / rate_;
      way.messages.push_back({way.free_at + delay_, std::string(out[i])});
    }
  }

  const double rate_;  // bytes a millisecond
  const double delay_;
  double now_ = 1;
  Way to_bob_;
  Way to_alice_;
};

Generator<std::string> endless() {
  for (;;) co_yield std::string(kChunk, 'x');
}

struct Server {
  double bytes = 0;
  Value main = target({{"take",
                        [this](Array& a) {
                          auto count = make_sink<std::string>([this](const std::string& chunk) {
                            bytes += static_cast<double>(chunk.size());
                          });
                          return promise(detail::move_stream(
                              a[0].get_if<detail::ReadableRef>()->hook, count.hook()));
                        }},
                       {"echo", [](Array& a) { return std::move(a[0]); }}});
};

// What the slowest of some calls has taken, one every 50 ms.
double slowest_call(Link& link, int calls) {
  double slowest = 0;
  for (int i = 0; i < calls; ++i) {
    const double begin = link.now();
    Awaited echo(call(link.alice.remote_main().hook(), {"echo"}, {i}));
    while (!echo.is_done() && link.now() < begin + 10'000) link.run_until(link.now() + 1);
    slowest = std::max(slowest, link.now() - begin);
    link.run_until(link.now() + 50);
  }
  return slowest;
}

TEST(Bulk, DoesNotStarveSmallCalls_S29_S30) {
  constexpr double kRate = 1000;  // 1 MB a second
  constexpr double kDelay = 10;
  Server server;
  Link link(kRate, kDelay, server.main);
  const ReadableStream<std::string> stream = endless();
  const auto taken = call(link.alice.remote_main().hook(), {"take"}, {stream});

  // To begin with what the first window lets through stands before a call, a growing one at most
  // twice that; it settles near what the link holds, but not below the least window.
  const double most = 2 * kDelay + 2 * FlowWindow::kInitial / kRate;
  EXPECT_LE(slowest_call(link, 20), most);
  link.run_until(20'000);
  EXPECT_LE(slowest_call(link, 50), 2 * kDelay + 2 * FlowWindow::kLeast / kRate);

  const double before = server.bytes;
  link.run_until(link.now() + 10'000);
  EXPECT_GE(server.bytes - before, 0.9 * kRate * 10'000) << "and the stream fills the link";
}

}  // namespace
}  // namespace capnweb::testing
