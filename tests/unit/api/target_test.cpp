#include <gtest/gtest.h>

#include <capnweb/contract.hpp>
#include <capnweb/start.hpp>
#include <capnweb/target.hpp>
#include <memory>
#include <string>

#include "unit/api/run.hpp"

namespace capnweb::testing {
namespace {

// Answers with what it was asked.
class Echo : public RpcTarget {
 public:
  Task<Value> call(std::string method, Array arguments) override {
    if (method == "fail") throw Error::not_found("nothing here");
    co_return Object{{"method", method}, {"arguments", arguments}};
  }
};

class Picky : public Echo {
 public:
  explicit Picky(Promise<void> g) : gate(std::move(g)) {}
  Promise<void> gate;
  Task<Value> call(std::string method, Array arguments) override {
    co_await gate;
    co_return Array{method, arguments};
  }
  bool has_method(std::string_view method) const override { return method == "known"; }
  Task<Value> get(std::string property) override { co_return "value of " + property; }
};

TEST(DynamicTarget, GetsNameAndArguments) {
  run([]() -> Task<> {
    Stub<> echo = std::make_shared<Echo>();
    const Value answer = co_await echo.call("anything", 1, "two");
    const Value asked = Array{1, "two"};
    EXPECT_EQ(answer["method"], Value("anything"));
    EXPECT_EQ(answer["arguments"], asked);
    EXPECT_EQ((co_await echo(5))["method"], Value(""));
    EXPECT_TRUE((co_await echo["property"]).is_undefined());
    EXPECT_EQ(co_await failure(echo.call("fail")), "nothing here");
    EXPECT_EQ(co_await failure(echo.call("toString")), "TypeError: 'toString' is not a function.");
  }());
}

TEST(DynamicTarget, SaysWhatItHas_C20) {
  run([]() -> Task<> {
    auto [gate, resolver] = make_promise<void>();
    resolver.resolve();
    Stub<> picky = std::make_unique<Picky>(gate);
    EXPECT_EQ(co_await failure(picky.call("other")), "TypeError: 'other' is not a function.");
    EXPECT_EQ(co_await picky["name"], Value("value of name"));
    const Value expected = Array{"known", Array{}};
    EXPECT_EQ(co_await picky.call("known"), expected);
  }());
}

TEST(DynamicTarget, LivesUntilItsCallsHaveEnded) {
  auto [gate, resolver] = make_promise<void>();
  auto target = std::make_shared<Picky>(gate);
  const std::weak_ptr<Picky> watch = target;
  Promise<Value> answer = Stub<>(std::move(target)).call("known", 1);
  EXPECT_FALSE(watch.expired());
  resolver.resolve();
  EXPECT_TRUE(watch.expired());
  EXPECT_EQ(answer.get()[0], Value("known"));
}

TEST(DynamicTarget, TravelsByPointer) {
  EXPECT_EQ(to_value(std::make_shared<Echo>()).kind(), Kind::kStub);
  EXPECT_EQ(to_value(std::make_unique<Echo>()).kind(), Kind::kStub);
}

struct Room : WithSelf<Room> {
  int visits = 0;
  Stub<Room> invite() { return self(); }
  int enter() { return ++visits; }
  struct Rpc {
    Method<&Room::invite> invite;
    Method<&Room::enter> enter;
  };
};

TEST(WithSelf, GivesAStubOfTheObject) {
  run([]() -> Task<> {
    Stub<Room> room = std::make_shared<Room>();
    auto same = co_await room->invite();
    co_await room->enter();
    EXPECT_EQ(co_await same->enter(), 2);
  }());
}

TEST(WithSelf, NeedsASharedPtr) {
  Room room;
  EXPECT_THROW(room.invite(), std::bad_weak_ptr);
}

}  // namespace
}  // namespace capnweb::testing
