// Channels between loops on two threads.
#include <gtest/gtest.h>

#include <capnweb/channel.hpp>
#include <capnweb/serialize.hpp>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "differential/value_generator.hpp"
#include "support/failure.hpp"
#include "support/loop_thread.hpp"
#include "unit/channel/room.hpp"

namespace capnweb::testing {
namespace {

// The room is on `far`; what is written down of its end is read when that thread has gone.
class TwoThreads : public ::testing::Test {
 protected:
  TwoThreads() {
    far.run([this] {
      auto room =
          std::make_shared<Room>([this] { ended_on.push_back(std::this_thread::get_id()); });
      far_session = ends.second.open(Stub<Room>(std::move(room)));
    });
    near.run([this] {
      near_session = ends.first.open(Stub<Visitor>(std::make_shared<Visitor>("Ada")));
    });
  }
  ~TwoThreads() override {
    forget(near, near_session);
    forget(far, far_session);
  }
  static void forget(LoopThread& thread, std::optional<Session>& session) {
    if (session) thread.run([&session] { session.reset(); });
  }
  Stub<Room> room() const { return near_session->remote_main<Room>(); }

  // Both tables empty but for the mains, once what is on its way has come.
  void expect_clean() {
    for (int i = 0; i < 3; ++i) {
      near.run([] {});
      far.run([] {});
    }
    EXPECT_EQ(near.run([this] { return near_session->stats(); }), (Session::Stats{1, 1}));
    EXPECT_EQ(far.run([this] { return far_session->stats(); }), (Session::Stats{1, 1}));
  }

  Channel ends = make_channel();
  std::vector<std::thread::id> ended_on;
  LoopThread near;
  LoopThread far;
  std::optional<Session> near_session;
  std::optional<Session> far_session;
};

TEST_F(TwoThreads, CallsBothWays) {
  near.run([this]() -> Task<> {
    EXPECT_EQ(co_await room()->add(5, 3), 8);
    auto name = room()->visitor("Bob")->name();
    EXPECT_EQ(co_await name, "Bob");
    auto greeting = room()->greet(Stub<Visitor>(std::make_shared<Visitor>("Cy")));
    EXPECT_EQ(co_await greeting, "Hello Cy");
    const Function<double(double)> half([](double number) { return number / 2; });
    EXPECT_EQ(co_await room()->ask(half, 5), 2.5);
    const auto twice = [this](auto number) { return room()->add(number, number); };
    auto doubled = room()->numbers().map(twice);
    const std::vector<double> expected = {2, 4, 6};
    EXPECT_EQ(co_await doubled, expected);
  });
  far.run([this]() -> Task<> {
    EXPECT_EQ(co_await far_session->remote_main<Visitor>()->name(), "Ada");
  });
  expect_clean();
}

// What text would have brought.
TEST_F(TwoThreads, ValuesArriveAsByText) {
  near.run([this]() -> Task<> {
    ValueGenerator values(0x74687264);
    for (int i = 0; i < 300 && !HasFailure(); ++i) {
      const Value value = values.next();
      EXPECT_EQ(co_await room()->echo(value), deserialize(serialize(value))) << i;
    }
    const Value blob = Blob{"text/plain", Bytes::from_text(std::string(100'000, 'x'))};
    const Value echoed = co_await room()->echo(blob);
    EXPECT_EQ(echoed.get<Blob>().bytes, blob.get<Blob>().bytes);
  });
  expect_clean();
}

// Neither side's copy is touched by what the other does with its own.
TEST_F(TwoThreads, ErrorsKeepNothingInCommon_E1_V38) {
  near.run([this]() -> Task<> {
    Error error("TypeError", "text");
    error.set_stack("here").set_property("cause", Error::range_error("why"));
    const Value sent = error;
    auto echo = room()->echo(sent);
    for (int i = 0; i < 100; ++i) Error(sent.get<Error>()).set_property("i", i);
    const Value echoed = co_await echo;
    EXPECT_EQ(echoed, sent);
    EXPECT_EQ(echoed.get<Error>().stack(), std::nullopt);
    try {
      co_await room()->fail();
      ADD_FAILURE();
    } catch (const Error& thrown) {
      EXPECT_STREQ(thrown.what(), "RangeError: no");
      EXPECT_EQ(thrown.code(), "E");
      EXPECT_EQ(thrown.cause()->get<Error>().message(), "why");
    }
  });
  expect_clean();
}

TEST_F(TwoThreads, StreamsFlowBothWays_S11) {
  near.run([this]() -> Task<> {
    auto [readable, writable] = make_pipe<std::string>();
    auto all = room()->read(readable);
    std::string expected;
    for (int i = 0; i < 200; ++i) {
      const std::string chunk = std::to_string(i) + std::string(5000, '.');
      expected += chunk;
      co_await writable.write(chunk);
    }
    co_await writable.close();
    EXPECT_EQ(co_await all, expected);
  });
  expect_clean();
}

TEST_F(TwoThreads, AStubComesHomeAsItself_V58) {
  near.run([this]() -> Task<> {
    const Stub<Visitor> mine(std::make_shared<Visitor>("Ada"));
    co_await room()->keep(mine);
    EXPECT_EQ(co_await room()->is_same(mine), false);  // each introduction is a new one (M-19)
    const auto back = co_await room()->take();
    EXPECT_EQ(back, mine);
  });
  expect_clean();
}

TEST_F(TwoThreads, TargetsEndOnTheirOwnThread) {
  near.run([this]() -> Task<> {
    auto visitor = co_await room()->visitor("Ada");
    EXPECT_EQ(co_await visitor->name(), "Ada");
  });
  expect_clean();
  const auto thread = far.id();
  EXPECT_EQ(far.run([this] { return ended_on; }), std::vector{thread});
  forget(near, near_session);
  forget(far, far_session);
  far.stop();
  EXPECT_EQ(ended_on, (std::vector{thread, thread}));
}

TEST_F(TwoThreads, AnAbortRejectsOnTheOtherThread_M39) {
  near.run([this]() -> Task<> {
    auto pending = room()->wait_for_ever();
    co_await room()->say(1);
    far.loop().post(
        [this] { far_session->abort(Error::type_error("enough").set_property("code", "E")); });
    EXPECT_EQ(co_await failure(std::move(pending)), "TypeError: enough");
    EXPECT_EQ(near_session->end_reason()->code(), "E");
  });
}

TEST_F(TwoThreads, TheLoopOfTheTargetEndsFirst) {
  near.run([this]() -> Task<> {
    auto pending = room()->wait_for_ever();
    co_await room()->say(1);
    far.run([this] { far_session.reset(); });
    far.stop();
    EXPECT_EQ(co_await failure(std::move(pending)),
              "The channel has lost its other end: that event loop has ended.");
    EXPECT_EQ(co_await failure(room()->add(1, 2)),
              "The channel has lost its other end: that event loop has ended.");
  });
}

TEST_F(TwoThreads, TheLoopOfTheCallerEndsFirst) {
  const auto heard = std::make_shared<std::promise<std::string>>();
  auto reason = heard->get_future();
  std::shared_ptr<void> watch;
  far.run([&] {
    watch = far_session->on_broken([heard](const Error& error) { heard->set_value(error.what()); });
  });
  near.run([this]() -> Task<> {
    auto dropped = room()->wait_for_ever();
    co_await room()->say(1);
    near_session.reset();
    near.loop().spawn([](Promise<void> kept) -> Task<> { co_await kept; }(std::move(dropped)));
  });
  near.stop();
  EXPECT_EQ(reason.get(), "The channel has lost its other end: that event loop has ended.");
}

TEST_F(TwoThreads, BothLoopsMayEndAtOnce) {
  near.run([this] { room()->wait_for_ever().detach(); });
  far.run([this] { far_session->remote_main<Visitor>()->name().detach(); });
  near.run([this] { near_session.reset(); });
  far.run([this] { far_session.reset(); });
  near.begin_to_stop();
  far.begin_to_stop();
}

}  // namespace
}  // namespace capnweb::testing
