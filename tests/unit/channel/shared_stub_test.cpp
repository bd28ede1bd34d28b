// Stubs that are handed to other threads.
#include <gtest/gtest.h>

#include <array>
#include <capnweb/shared_stub.hpp>
#include <future>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "net/channel_link.hpp"
#include "net/loop_core.hpp"
#include "net/loop_gate.hpp"
#include "support/failure.hpp"
#include "support/loop_thread.hpp"
#include "unit/channel/room.hpp"

namespace capnweb::testing {
namespace {

struct Host {
  // A room on this thread, which tells where it ended.
  SharedStub<Room> share_room() {
    return thread.run([this] {
      return SharedStub(Stub<Room>(
          std::make_shared<Room>([this] { ended_on.set_value(std::this_thread::get_id()); })));
    });
  }
  std::promise<std::thread::id> ended_on;
  LoopThread thread;
};

TEST(SharedStub, IsTheStubItselfAtHome) {
  LoopThread home;
  home.run([]() -> Task<> {
    const Stub<Room> room(std::make_shared<Room>());
    const SharedStub<Room> shared(room);
    EXPECT_EQ(co_await shared.here(), room);
  });
}

TEST(SharedStub, NeedsALoop) {
  LoopThread home;
  const auto shared = home.run([] { return SharedStub(Stub<Room>(std::make_shared<Room>())); });
  EXPECT_THROW(static_cast<void>(shared.here()), std::logic_error);
  EXPECT_TRUE(shared);
  EXPECT_FALSE(SharedStub<Room>());
}

// It must not reach for the loop later: under AddressSanitizer this shows.
TEST(SharedStub, MayBeMadeWhileItsLoopEnds) {
  SharedStub<Room> late;
  struct AtTheEnd {
    SharedStub<Room>& shared;
    ~AtTheEnd() { shared = SharedStub(Stub<Room>(std::make_shared<Room>())); }
  };
  {
    Loop loop;
    loop.spawn([](SharedStub<Room>& shared) -> Task<> {
      const AtTheEnd guard{shared};
      const auto [never, resolver] = make_promise<void>();
      co_await never;
    }(late));
    loop.post([&loop] { loop.stop(); });
    loop.run();
  }
  EXPECT_TRUE(late);
  late = {};
}

TEST(SharedStub, CallsTheObjectOnItsOwnThread) {
  Host host;
  auto shared = host.share_room();
  LoopThread worker;
  worker.run([&]() -> Task<> {
    EXPECT_EQ(co_await shared.here()->add(5, 3), 8);  // before the stub is there
    const Stub<Room> room = co_await shared.here();
    EXPECT_EQ(co_await room->greet(Stub<Visitor>(std::make_shared<Visitor>("Ada"))), "Hello Ada");
  });
  auto ended_on = host.ended_on.get_future();
  shared = {};  // here, on a third thread
  EXPECT_EQ(ended_on.get(), host.thread.id());
}

// The question for the stub is still on its way when the last holder goes.
TEST(SharedStub, MayGoWhileAStubIsAskedFor) {
  Host host;
  auto shared = std::make_optional(host.share_room());
  LoopThread worker;
  worker.run([&]() -> Task<> {
    auto room = shared->here();
    shared.reset();
    EXPECT_EQ(co_await room->add(1, 2), 3);
    EXPECT_EQ(co_await (co_await room)->add(2, 2), 4);
  });
  EXPECT_EQ(host.ended_on.get_future().get(), host.thread.id());
}

TEST(SharedStub, OneChannelJoinsTwoLoops) {
  LoopThread a;
  LoopThread b;
  const auto shared = a.run([] { return SharedStub(Stub<Room>(std::make_shared<Room>())); });
  const auto back = b.run([] { return SharedStub(Stub<Room>(std::make_shared<Room>())); });
  // Both ask at the same time, again and again.
  const auto use = [](const SharedStub<Room>& other) -> Task<> {
    for (int i = 0; i < 20; ++i) {
      auto room = co_await other.here();
      EXPECT_EQ(co_await room->add(i, 1), i + 1);
    }
  };
  auto other = std::async(std::launch::async, [&] { b.run([&] { return use(shared); }); });
  a.run([&] { return use(back); });
  other.get();
  const auto gate_of = [](LoopThread& thread) {
    return thread.run([&] { return thread.loop().core()->gate(); });
  };
  const auto gate_a = gate_of(a);
  const auto gate_b = gate_of(b);
  const auto from_a = LoopGate::link(*gate_a, *gate_b);
  const auto from_b = LoopGate::link(*gate_b, *gate_a);
  EXPECT_EQ(from_a.first, from_b.first);
  EXPECT_NE(from_a.second, from_b.second);
}

TEST(SharedStub, AStubThatComesHomeIsTheOriginal_V58) {
  LoopThread home;
  LoopThread worker;
  std::optional<Stub<Visitor>> original;
  std::optional<Stub<Room>> room;
  const auto visitors =
      home.run([&] { return SharedStub(original.emplace(std::make_shared<Visitor>("Ada"))); });
  const auto rooms = home.run([&] { return SharedStub(room.emplace(std::make_shared<Room>())); });
  worker.run([&]() -> Task<> {
    const Stub<Visitor> visitor = co_await visitors.here();
    co_await rooms.here()->keep(visitor);
  });
  home.run([&]() -> Task<> {
    EXPECT_EQ(co_await (*room)->take(), *original);
    original.reset();
    room.reset();
  });
}

// A - B - C: what B was given of A goes to C through B, so that calls keep their order.
TEST(SharedStub, IsPassedOnThroughTheMiddle) {
  Host host;
  auto rooms = host.share_room();
  LoopThread middle;
  LoopThread last;
  std::optional<Stub<Room>> in_the_middle;
  middle.run([&]() -> Task<> { in_the_middle = co_await rooms.here(); });
  auto passed_on = middle.run([&] { return SharedStub(*in_the_middle); });
  last.run([&]() -> Task<> {
    auto room = co_await passed_on.here();
    std::vector<int> lines;
    for (int i = 0; i < 500; ++i) {
      lines.push_back(i);
      room->say(i).detach();
    }
    EXPECT_EQ(co_await room->log(), lines);
    auto [readable, writable] = make_pipe<std::string>();
    auto all = room->read(readable);
    co_await writable.write("through the middle");
    co_await writable.close();
    EXPECT_EQ(co_await all, "through the middle");
  });
  auto ended_on = host.ended_on.get_future();
  middle.run([&] { in_the_middle.reset(); });
  passed_on = {};
  rooms = {};
  EXPECT_EQ(ended_on.get(), host.thread.id());
}

TEST(SharedStub, RejectsWhenTheLoopOfTheObjectHasEnded) {
  auto host = std::make_optional<LoopThread>();
  const auto shared = host->run([] { return SharedStub(Stub<Room>(std::make_shared<Room>())); });
  LoopThread worker;
  LoopThread late;
  worker.run([&]() -> Task<> {
    auto room = co_await shared.here();
    auto pending = room->wait_for_ever();
    EXPECT_EQ(co_await room->add(1, 2), 3);
    host.reset();
    EXPECT_EQ(co_await failure(std::move(pending)),
              "The channel has lost its other end: that event loop has ended.");
    EXPECT_NE(co_await failure(shared.here()), "");
  });
  late.run([&]() -> Task<> { EXPECT_EQ(co_await failure(shared.here()), "Peer closed channel."); });
}

TEST(SharedStub, LoopsComeAndGo) {
  LoopThread home;
  const auto shared = home.run([] { return SharedStub(Stub<Room>(std::make_shared<Room>())); });
  for (int i = 0; i < 20; ++i) {
    LoopThread worker;
    worker.run([&]() -> Task<> {
      auto room = co_await shared.here();
      EXPECT_EQ(co_await room->add(i, 1), i + 1);
    });
  }
}

// Each answers calls of both others by calling them back, so whoever stopped would stop all.
TEST(SharedStub, ThreeLoopsFloodEachOther) {
  constexpr int kCalls = 2000;
  struct Party {
    LoopThread thread;
    SharedStub<Room> room;
  };
  std::array<Party, 3> parties;
  for (Party& party : parties)
    party.room = party.thread.run([] { return SharedStub(Stub<Room>(std::make_shared<Room>())); });
  const auto flood = [&parties](std::size_t self) -> Task<> {
    std::vector<Promise<double>> answers;
    const Function<double(double)> next([](double number) { return number + 1; });
    for (std::size_t other = 0; other < parties.size(); ++other) {
      if (other == self) continue;
      const Stub<Room> room = co_await parties[other].room.here();
      for (int i = 0; i < kCalls; ++i) answers.push_back(room->ask(next, i));
    }
    double sum = 0;
    for (auto& answer : answers) answer.detach();  // asks for all of them at once
    for (auto& answer : answers) sum += co_await answer;
    EXPECT_EQ(sum, 2.0 * kCalls * (kCalls + 1) / 2);
  };
  std::vector<std::future<void>> floods;
  for (std::size_t i = 0; i < parties.size(); ++i)
    floods.push_back(std::async(std::launch::async, [&parties, &flood, i] {
      parties[i].thread.run([&flood, i] { return flood(i); });
    }));
  for (auto& each : floods) each.get();
}

}  // namespace
}  // namespace capnweb::testing
