// Channels whose ends are on one loop.
#include <gtest/gtest.h>

#include <capnweb/channel.hpp>
#include <capnweb/loop.hpp>
#include <capnweb/when_all.hpp>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "net/loop_core.hpp"
#include "support/failure.hpp"
#include "unit/channel/room.hpp"

namespace capnweb::testing {
namespace {

class OneLoop : public ::testing::Test {
 protected:
  void play(Task<> task) { detail::run_until_done(loop, std::move(task)); }
  // Runs all that is ready.
  void settle() {
    while (loop.core()->own_context()->poll() > 0) {
    }
    loop.core()->own_context()->restart();
  }
  std::shared_ptr<Room> make_room() {
    return std::make_shared<Room>([this] { ++ended; });
  }

  int ended = 0;
  Loop loop;
  Channel ends = make_channel();
};

TEST_F(OneLoop, CallsBothWays) {
  play([](Channel joined) -> Task<> {
    const Session near = joined.first.open(Stub<Visitor>(std::make_shared<Visitor>("Ada")));
    const Session far = joined.second.open(Stub<Room>(std::make_shared<Room>()));
    const auto room = near.remote_main<Room>();
    EXPECT_EQ(co_await room->add(5, 3), 8);
    EXPECT_EQ(co_await far.remote_main<Visitor>()->name(), "Ada");
    auto name = room->visitor("Bob")->name();
    EXPECT_EQ(co_await name, "Bob");
    EXPECT_EQ(co_await room->greet(far.remote_main<Visitor>()), "Hello Ada");
  }(ends));
}

TEST_F(OneLoop, AnEndMayBeOpenedLater) {
  play([](Channel joined) -> Task<> {
    const Session near = joined.first.open();
    auto sum = near.remote_main<Room>()->add(1, 2);
    co_await sleep_for(std::chrono::milliseconds(0));
    const Session far = joined.second.open(Stub<Room>(std::make_shared<Room>()));
    EXPECT_EQ(co_await sum, 3);
  }(ends));
}

TEST_F(OneLoop, AnEndIsOpenedOnce) {
  const Session near = ends.first.open();
  EXPECT_THROW(static_cast<void>(ends.first.open()), std::logic_error);
  EXPECT_THROW(static_cast<void>(ChannelEnd().open()), std::logic_error);
}

TEST_F(OneLoop, TablesAreEmptyAfterTheCalls) {
  const Session near = ends.first.open();
  const Session far = ends.second.open(Stub<Room>(make_room()));
  play([](Stub<Room> room) -> Task<> {
    auto visitor = co_await room->visitor("Ada");
    auto greeting = room->greet(visitor);
    EXPECT_EQ(co_await greeting, "Hello Ada");
    const Function<double(double)> half([](double number) { return number / 2; });
    EXPECT_EQ(co_await room->ask(half, 5), 2.5);
    EXPECT_EQ(co_await failure(room->fail()), "RangeError: no");
  }(near.remote_main<Room>()));
  settle();
  EXPECT_EQ(near.stats(), (Session::Stats{1, 1}));
  EXPECT_EQ(far.stats(), (Session::Stats{1, 1}));
  EXPECT_EQ(ended, 1);  // the visitor
}

TEST_F(OneLoop, EndsWhenNobodyHoldsAnyOfIt) {
  std::optional<Session> near = ends.first.open();
  std::optional<Session> far = ends.second.open(Stub<Room>(make_room()));
  auto room = near->remote_main<Room>();
  far.reset();
  near.reset();
  settle();
  EXPECT_EQ(ended, 0);
  play([](Stub<Room>& stub) -> Task<> {
    const auto own = std::exchange(stub, {});
    EXPECT_EQ(co_await own->add(1, 1), 2);
  }(room));
  settle();
  EXPECT_EQ(ended, 1);
}

// The last thing that either side does with the channel.
TEST_F(OneLoop, ACallThatNobodyWaitsForStillArrives) {
  std::optional<Session> near = ends.first.open(
      Function<void(Stub<Room>)>([](Stub<Room> room) { const auto dropped = room->say(1); }));
  std::optional<Session> far = ends.second.open();
  auto room = make_room();
  {
    Stub<> say = far->remote_main();
    say(Stub<Room>(room)).detach();
  }
  near.reset();
  far.reset();
  settle();
  EXPECT_EQ(room->log(), std::vector{1});
  room.reset();
  EXPECT_EQ(ended, 1);
}

TEST_F(OneLoop, AHandlerWhoseCallerHasGoneDoesNotKeepIt_M25) {
  std::string heard;
  std::shared_ptr<void> watch;
  {
    Session far = ends.second.open(Stub<Room>(make_room()));
    watch = far.on_broken([&heard](const Error& reason) { heard = reason.what(); });
    const Session near = ends.first.open();
    auto dropped = near.remote_main<Room>()->wait_for_ever();
  }
  EXPECT_EQ(heard, "");
  settle();
  EXPECT_EQ(heard, "RPC session was shut down by disposing the main stub");
}

TEST_F(OneLoop, AnAbortRejectsOnBothSides_M39) {
  Session near = ends.first.open();
  Session far = ends.second.open(Stub<Room>(make_room()));
  std::string heard;
  const auto watch = far.on_broken([&heard](const Error& reason) { heard = reason.what(); });
  play([](Session session) -> Task<> {
    auto pending = session.remote_main<Room>()->wait_for_ever();
    auto reason = Error::type_error("enough").set_property("code", "E");
    session.abort(reason);
    EXPECT_EQ(co_await failure(std::move(pending)), "TypeError: enough");
  }(near));
  settle();
  EXPECT_EQ(heard, "TypeError: enough");
  EXPECT_EQ(far.end_reason()->code(), "E");
}

TEST_F(OneLoop, ClosingTellsTheOtherEnd) {
  Session near = ends.first.open();
  Session far = ends.second.open(Stub<Room>(make_room()));
  auto pending = near.remote_main<Room>()->add(1, 2);
  far.close();
  play([](Promise<double> sum) -> Task<> {
    EXPECT_EQ(co_await failure(std::move(sum)), "Peer closed channel.");
  }(std::move(pending)));
}

TEST_F(OneLoop, AnEndThatNobodyOpensEndsTheOther) {
  const Session near = ends.first.open();
  auto pending = near.remote_main<Room>()->add(1, 2);
  ends.second = {};
  play([](Promise<double> sum) -> Task<> {
    EXPECT_EQ(co_await failure(std::move(sum)), "Peer closed channel.");
  }(std::move(pending)));
}

TEST_F(OneLoop, LimitsHoldIfTheyAreGiven) {
  const Session near = ends.first.open({}, {.limits = {.max_imports = 1}});
  const Session far = ends.second.open(Stub<Room>(make_room()));
  play([](Stub<Room> room) -> Task<> {
    auto first = room->wait_for_ever();
    EXPECT_EQ(co_await failure(room->say(2)),
              "RangeError: Too many calls and capabilities of this session are in use: 1; release "
              "some, or raise Limits::max_imports.");
  }(near.remote_main<Room>()));
}

TEST_F(OneLoop, MapsRunWhereTheObjectIs_R9) {
  const Session near = ends.first.open();
  const Session far = ends.second.open(Stub<Room>(make_room()));
  play([](Stub<Room> room) -> Task<> {
    const auto twice = [&](auto number) { return room->add(number, number); };
    auto doubled = room->numbers().map(twice);
    const std::vector<double> expected = {2, 4, 6};
    EXPECT_EQ(co_await doubled, expected);
  }(near.remote_main<Room>()));
}

// More than one turn handles, in both directions.
TEST_F(OneLoop, KeepsTheOrderOfManyCalls) {
  const Session near = ends.first.open();
  const Session far = ends.second.open(Stub<Room>(make_room()));
  play([](Stub<Room> room) -> Task<> {
    std::vector<int> lines;
    for (int i = 0; i < 3000; ++i) {
      lines.push_back(i);
      room->say(i).detach();
    }
    EXPECT_EQ(co_await room->log(), lines);
  }(near.remote_main<Room>()));
}

}  // namespace
}  // namespace capnweb::testing
