// flooded_hub.hpp: clients of one loop whose calls go on to an object of another one, which is
// busy.
#pragma once

#include <gtest/gtest.h>

#include <capnweb/client.hpp>
#include <capnweb/contract.hpp>
#include <capnweb/server.hpp>
#include <capnweb/shared_stub.hpp>
#include <capnweb/stub.hpp>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "net/channel_connection.hpp"
#include "support/loop_thread.hpp"

namespace capnweb::testing {

struct Hub {
  void take(const std::string&) { ++taken; }
  int count() const { return taken; }
  int taken = 0;
  struct Rpc {
    Method<&Hub::take> take;
    Method<&Hub::count> count;
  };
};

// Passes on to the hub what clients say.
struct Front {
  void pass_on(const std::string& text) {
    ++passed;
    hub->take(text).detach();
  }
  Promise<int> count() const { return hub->count(); }
  int ping() const { return 1; }
  int passed = 0;
  Stub<Hub> hub;
  struct Rpc {
    Method<&Front::pass_on, "passOn"> pass_on;
    Method<&Front::count> count;
    Method<&Front::ping> ping;
  };
};

class FloodedHub : public ::testing::Test {
 protected:
  FloodedHub() {
    const auto hub = back.run([] { return SharedStub(Stub<Hub>(std::make_shared<Hub>())); });
    front.run([&]() -> Task<> {
      object = std::make_shared<Front>();
      object->hub = co_await hub.here();
      server.emplace(front.loop(), ServerOptions{}, [this] { return object; });
    });
    url = front.run([this] { return "ws://127.0.0.1:" + std::to_string(server->port()) + "/rpc"; });
  }
  ~FloodedHub() override {
    front.run([this] {
      server.reset();
      object.reset();
    });
  }
  int passed() {
    return front.run([this] { return object->passed; });
  }

  // Makes `calls` calls of one client while the hub's loop is busy, and then lets it go on; about
  // `full` of them fill its mailbox.
  void flood(int calls, const std::string& text, std::size_t full) {
    std::promise<void> go_on;
    back.loop().post([&go_on] { go_on.get_future().wait(); });
    flooder.run([&]() -> Task<> { api = co_await connect<Front>(url, options); });
    flooder.run([&] {
      for (int i = 0; i < calls; ++i) (*api)->pass_on(text).detach();
    });
    // It is stopped when so many have come, and not much later: in the time that the calls take
    // that follow, all of the flood would be read if nobody stopped it.
    const int expected = static_cast<int>(full);
    other.run([&]() -> Task<> {
      auto front_too = co_await connect<Front>(url, options);
      while (passed() < expected - expected / 10) EXPECT_EQ(co_await front_too->ping(), 1);
      for (int i = 0; i < 600; ++i) EXPECT_EQ(co_await front_too->ping(), 1);
    });
    EXPECT_LE(passed(), expected + kTurn);
    go_on.set_value();
    flooder.run([&]() -> Task<> {
      co_await (*api)->ping();
      EXPECT_EQ(co_await (*api)->count(), calls);
      api.reset();
    });
    EXPECT_EQ(passed(), calls);
  }

  // By the number of messages, and by their bytes.
  void flood_with_messages() {
    flood(20'000, "", ChannelLink::kFullCount / 2);  // each call is pulled as well
  }
  void flood_with_bytes() {
    const std::string text(16 * 1024, 'x');
    flood(2000, text, ChannelLink::kFullSize / text.size());
  }

  static constexpr int kTurn = static_cast<int>(ChannelConnection::kMessagesPerTurn);
  LoopThread back;
  LoopThread front;
  LoopThread flooder;
  LoopThread other;
  std::shared_ptr<Front> object;
  std::optional<Server> server;
  std::optional<Stub<Front>> api;
  std::string url;
  ConnectOptions options;  // of its clients
};

}  // namespace capnweb::testing
