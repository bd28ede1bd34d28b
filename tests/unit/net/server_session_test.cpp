// The session that a server's factory is given: calling the client, hearing of its end, ending it.
#include <gtest/gtest.h>

#include <capnweb/client.hpp>
#include <capnweb/contract.hpp>
#include <capnweb/loop.hpp>
#include <capnweb/server.hpp>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace capnweb {
namespace {

// What a client of these tests offers.
struct Player {
  std::string name() const { return "Ada"; }
  struct Rpc {
    Method<&Player::name> name;
  };
};

// Greets its client by the name that the client gives.
struct Greeter {
  explicit Greeter(Stub<Player> player) : player_(std::move(player)) {}
  Task<std::string> greet() {
    auto name = player_->name();
    co_return "Hello " + co_await name;
  }
  struct Rpc {
    Method<&Greeter::greet> greet;
  };

 private:
  Stub<Player> player_;
};

std::string ws_url(const Server& server) {
  return "ws://127.0.0.1:" + std::to_string(server.port()) + "/rpc";
}

ConnectOptions with_player() { return {.main = Stub<Player>(std::make_shared<Player>())}; }

// What a call gives, or why it fails.
Task<std::string> outcome(Promise<std::string> promise) {
  try {
    co_return co_await promise;
  } catch (const Error& error) {
    co_return error.what();
  }
}

auto greeters() {
  return [](const RequestInfo&, const Session& session) {
    return std::make_shared<Greeter>(session.remote_main<Player>());
  };
}

TEST(ServerSession, CallsTheClientsMainObject_T19) {
  EXPECT_EQ(run([]() -> Task<std::string> {
              Server server({}, greeters());
              auto api = co_await connect<Greeter>(ws_url(server), with_player());
              co_return co_await outcome(api->greet());
            }()),
            "Hello Ada");
}

TEST(ServerSession, MayCallBeforeTheClientHasCalled_T19) {
  EXPECT_EQ(run([]() -> Task<std::string> {
              std::optional<Promise<std::string>> asked;
              Server server({}, [&](const RequestInfo&, const Session& session) {
                asked = session.remote_main<Player>()->name();
                return Value(1);
              });
              auto api = co_await connect(ws_url(server), with_player());
              co_return co_await outcome(*asked);
            }()),
            "Ada");
}

TEST(ServerSession, CallsOfAMainObjectThatIsNotThereFail_C21) {
  EXPECT_EQ(run([]() -> Task<std::string> {
              Server server({}, greeters());
              auto api = co_await connect<Greeter>(ws_url(server));
              co_return co_await outcome(api->greet());
            }()),
            "This connection has no main object.");
}

TEST(ServerSession, TheClientOfABatchHasNone_T15) {
  EXPECT_EQ(run([]() -> Task<std::string> {
              Server server({}, greeters());
              auto api = co_await connect<Greeter>(server.url());
              co_return co_await outcome(api->greet());
            }()),
            "This connection has no main object.");
}

TEST(ServerSession, TellsWhenTheClientHasGone) {
  EXPECT_EQ(run([]() -> Task<std::string> {
              auto [gone, resolver] = make_promise<std::string>();
              std::shared_ptr<void> watch;
              Server server({}, [&](const RequestInfo&, Session session) {
                watch = session.on_broken(
                    [&](const Error& reason) { resolver.resolve(reason.message()); });
                return Value(1);
              });
              {
                auto api = co_await connect(ws_url(server));
              }
              co_return co_await gone;
            }()),
            "Peer closed WebSocket: 3000 RPC session was shut down by disposing the main stub");
}

TEST(ServerSession, EndsWithTheReasonThatTheServerGives_M39) {
  EXPECT_EQ(run([]() -> Task<std::string> {
              std::vector<Session> sessions;
              Server server({}, [&](const RequestInfo&, const Session& session) {
                sessions.push_back(session);
                return std::make_shared<Greeter>(session.remote_main<Player>());
              });
              auto api = co_await connect<Greeter>(ws_url(server), with_player());
              auto greeting = api->greet();
              co_await greeting;
              auto [broken, resolver] = make_promise<std::string>();
              const auto watch =
                  api.on_broken([&](const Error& reason) { resolver.resolve(reason.what()); });
              sessions.front().abort(Error::range_error("You have said enough."));
              co_return co_await broken;
            }()),
            "RangeError: You have said enough.");
}

TEST(ServerSession, WhatARefusingFactoryHasAskedFails) {
  EXPECT_EQ(run([]() -> Task<std::string> {
              std::optional<Promise<std::string>> asked;
              Server server({}, [&](const RequestInfo&, const Session& session) -> Value {
                asked = session.remote_main<Player>()->name();
                throw RequestRefused(403, "Not you.");
              });
              auto refused = connect(ws_url(server), with_player());
              try {
                co_await refused;
              } catch (const Error& error) {
                EXPECT_NE(error.message().find("403"), std::string::npos) << error.what();
              }
              co_return co_await outcome(*asked);
            }()),
            "The session was refused.");
}

}  // namespace
}  // namespace capnweb
