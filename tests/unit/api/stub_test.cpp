#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <capnweb/contract.hpp>
#include <capnweb/function.hpp>
#include <capnweb/stub.hpp>
#include <capnweb/target.hpp>
#include <memory>
#include <stdexcept>

#include "unit/api/recorder.hpp"
#include "unit/api/run.hpp"

namespace capnweb::testing {
namespace {

using ::testing::ElementsAre;

struct Greeter {
  virtual ~Greeter() = default;
  virtual std::string greet(const std::string& name) const = 0;
  struct Rpc {
    Method<&Greeter::greet> greet;
  };
};

struct Counter : Greeter {
  explicit Counter(int from = 0) : count(from) {}
  int increment(int by) { return count += by; }
  std::string greet(const std::string& name) const override { return "hello " + name; }
  int count;
  struct Rpc : Greeter::Rpc {
    Method<&Counter::increment> increment;
    Property<&Counter::count> count;
  };
};

TEST(Stub, CopiesShareTheObjectAndTheLastReleasesIt) {
  auto object = std::make_shared<Counter>();
  std::weak_ptr<Counter> watch = object;
  Stub<Counter> first(std::move(object));
  {
    Stub<Counter> second = first;
    EXPECT_EQ(first, second);
    first = {};
    EXPECT_FALSE(watch.expired());
    EXPECT_TRUE(second);
    EXPECT_FALSE(first);
  }
  EXPECT_TRUE(watch.expired());
}

TEST(Stub, OfAnInterfaceShowsOnlyItsContract) {
  run([]() -> Task<> {
    Stub<Greeter> greeter = std::make_shared<Counter>();
    EXPECT_EQ(co_await greeter->greet("you"), "hello you");
    Stub<> any = greeter;
    EXPECT_EQ(co_await failure(any.call("increment", 1)),
              "TypeError: 'increment' is not a function.");
    Stub<Counter> whole = std::make_unique<Counter>(4);
    EXPECT_EQ(co_await whole->increment(1), 5);
    Stub<Greeter> part = whole;
    EXPECT_EQ(co_await part->greet("it"), "hello it");
  }());
}

TEST(Stub, DynamicReachesAnyName) {
  const Recording recorder;
  recorder->answer = 5;
  Stub<> dynamic{recorder.hook()};
  run([](Stub<> stub) -> Task<> {
    EXPECT_EQ(co_await stub["name"], Value(5));
    EXPECT_EQ(co_await stub["users"]["alice"].call("greet", "hi", 42, Value::null()), Value(5));
    EXPECT_EQ(co_await stub.call<int>("add", 1, 2), 5);
    EXPECT_EQ(co_await stub(1, "a"), Value(5));
    EXPECT_EQ(co_await stub["list"][std::size_t{0}], Value(5));
    EXPECT_EQ(co_await stub[7].as<int>(), 5);
  }(dynamic));
  EXPECT_THAT(recorder->log, ElementsAre("get \"name\"", "call \"users\".\"alice\".\"greet\"",
                                         "call \"add\"", "call ", "get \"list\".0", "get 7"));
  EXPECT_EQ(recorder->arguments[2].values, (Array{1, "a"}));
}

TEST(Stub, DynamicSendsStubsPromisesAndFunctions) {
  const Recording recorder;
  Stub<> dynamic{recorder.hook()};
  Stub<Counter> counter = std::make_shared<Counter>();
  auto promise = dynamic["later"];
  const auto callback = [](int x) { return x + 1; };
  dynamic.call("take", counter, promise, callback, std::make_shared<Counter>(), Stub<>(), nullptr)
      .detach();
  const Array& sent = recorder->arguments[0].values;
  ASSERT_EQ(sent.size(), 6u);
  EXPECT_EQ(sent[0].get_if<detail::StubRef>()->hook, counter.hook());
  EXPECT_EQ(path_text(sent[1].get_if<detail::PromiseRef>()->path_view()), "\"later\"");
  EXPECT_EQ(sent[2].kind(), Kind::kStub);
  EXPECT_EQ(sent[3].kind(), Kind::kStub);
  EXPECT_TRUE(sent[4].is_null());
  EXPECT_TRUE(sent[5].is_null());
  EXPECT_TRUE(recorder->arguments[0].may_hold_promises);
  run([](const Value& function) -> Task<> {
    EXPECT_EQ(co_await from_value<Function<int(int)>>(function)(4), 5);
  }(sent[2]));
}

TEST(Stub, TellsWhenNoPromiseCanBeAmongTheArguments) {
  const Recording recorder;
  Stub<> dynamic{recorder.hook()};
  dynamic.call("f", 1, "a", std::vector<double>{1.5}, true).detach();
  dynamic.call("f", Value(1)).detach();
  Stub<Counter> typed = dynamic.as<Counter>();
  typed->increment(1).detach();
  typed->increment(dynamic["n"].as<int>()).detach();
  EXPECT_FALSE(recorder->arguments[0].may_hold_promises);
  EXPECT_TRUE(recorder->arguments[1].may_hold_promises);
  EXPECT_FALSE(recorder->arguments[2].may_hold_promises);
  EXPECT_TRUE(recorder->arguments[3].may_hold_promises);
}

TEST(Stub, TravelsInValues) {
  Stub<Counter> counter = std::make_shared<Counter>();
  const Value value = Object{{"counter", counter}};
  EXPECT_EQ(from_value<Stub<Counter>>(value["counter"]), counter);
  EXPECT_THROW(from_value<Stub<Counter>>(Value(1)), Error);
  EXPECT_TRUE(to_value(std::shared_ptr<Counter>()).is_null());
}

TEST(Stub, PromiseOfAStubIsCalledThrough) {
  const Recording recorder;
  recorder->answer = 1;
  Stub<> dynamic{recorder.hook()};
  auto counter = dynamic["a"].as<Stub<Counter>>();
  run([](Promise<Stub<Counter>> stub) -> Task<> {
    EXPECT_EQ(co_await stub->increment(2), 1);
    EXPECT_EQ(co_await stub->count, 1);
  }(counter));
  EXPECT_THAT(recorder->log, ElementsAre("call \"a\".\"increment\"", "get \"a\".\"count\""));
}

TEST(Stub, EmptyIsALogicError) {
  const Stub<> empty;
  const Stub<Counter> typed;
  EXPECT_FALSE(empty);
  EXPECT_THROW(empty.call("f").detach(), std::logic_error);
  EXPECT_THROW(empty().detach(), std::logic_error);
  EXPECT_THROW(static_cast<void>(empty["a"]), std::logic_error);
  EXPECT_THROW(static_cast<void>(empty.on_broken([](const Error&) {})), std::logic_error);
  EXPECT_THROW(typed->increment(1).detach(), std::logic_error);
}

TEST(Stub, OnBrokenIsPassedOn) {
  Stub<> stub{detail::HookRef(detail::make_ref<Recorder>())};
  std::string reason;
  auto watch = stub.on_broken([&](const Error& error) { reason = error.what(); });
  EXPECT_EQ(reason, "broken");
  EXPECT_TRUE(watch);
}

// A call is made on what the stub was when it was called, whatever the call does to the variable.
TEST(Stub, MayBeReassignedByItsOwnCall) {
  run([]() -> Task<> {
    Stub<> stub;
    const auto forget = [&stub] {
      stub = {};
      return 1;
    };
    stub = Function<int()>(forget);
    EXPECT_EQ(co_await stub(), Value(1));
    EXPECT_FALSE(stub);
  }());
}

}  // namespace
}  // namespace capnweb::testing
