#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <capnweb/contract.hpp>
#include <capnweb/function.hpp>
#include <functional>
#include <memory>
#include <string>

#include "unit/api/recorder.hpp"
#include "unit/api/run.hpp"

namespace capnweb::testing {
namespace {

int twice(int x) { return 2 * x; }

TEST(Function, IsMadeFromAnythingCallable) {
  run([]() -> Task<> {
    const Function<int(int)> lambda = [](int x) { return x + 1; };
    EXPECT_EQ(co_await lambda(1), 2);
    const Function<int(int)> pointer = &twice;
    EXPECT_EQ(co_await pointer(4), 8);
    const std::function<int(int)> std_function = [](int x) { return x - 1; };
    const Function<int(int)> wrapped = std_function;
    EXPECT_EQ(co_await wrapped(4), 3);
    const Function<int(int)> task = [](int x) -> Task<int> { co_return x * 10; };
    EXPECT_EQ(co_await task(4), 40);
    const Function<int(int)> generic = [](auto x) { return x; };
    EXPECT_EQ(co_await generic(4), 4);
    int count = 0;
    auto counting = [&count]() mutable { ++count; };
    const Function<void()> nothing = counting;
    co_await nothing();
    nothing().detach();
    EXPECT_EQ(count, 2);
  }());
}

TEST(Function, IsDeduced) {
  const Function plus = [](int a, double b) { return a + b; };
  static_assert(std::same_as<decltype(plus), const Function<double(int, double)>>);
  const Function task = [](std::string s) -> Task<std::string> { co_return s; };
  static_assert(std::same_as<decltype(task), const Function<std::string(std::string)>>);
}

TEST(Function, LivesAsLongAsAReference) {
  auto alive = std::make_shared<int>();
  const std::weak_ptr<int> watch = alive;
  Function<void()> first = [alive = std::move(alive)] { static_cast<void>(alive); };
  auto second = first;
  first = {};
  EXPECT_FALSE(watch.expired());
  second = {};
  EXPECT_TRUE(watch.expired());
}

TEST(Function, TellsWrongArguments) {
  run([]() -> Task<> {
    const Stub<> any = Function<int(int)>(&twice);
    EXPECT_EQ(co_await failure(any("x")),
              "TypeError: callback argument 1: expected number, got string");
    EXPECT_EQ(co_await failure(any.call("name")), "TypeError: 'name' is not a function.");
    EXPECT_TRUE((co_await any["length"]).is_undefined());
  }());
}

TEST(Function, CallsTheThingItself) {
  const Recording recorder;
  const Function<void(int, std::optional<std::string>)> function{recorder.hook()};
  function(1, "a").detach();
  function(2).detach();
  auto [promise, resolver] = make_promise<int>();
  function(promise).detach();
  EXPECT_THAT(recorder->log, ::testing::ElementsAre("call ", "call ", "call "));
  EXPECT_EQ(recorder->arguments[0].values, (Array{1, "a"}));
  EXPECT_EQ(recorder->arguments[1].values, (Array{2}));
  EXPECT_EQ(recorder->arguments[2].values[0].kind(), Kind::kPromise);
}

TEST(Function, TravelsBothWays) {
  const Function<int(int)> function = &twice;
  const Value value = function;
  EXPECT_EQ(from_value<Function<int(int)>>(value), function);
  EXPECT_THROW(from_value<Function<int(int)>>(Value(1)), Error);
  EXPECT_EQ(to_value([](int x) { return x; }).kind(), Kind::kStub);
  EXPECT_EQ(to_value(std::function<int(int)>(&twice)).kind(), Kind::kStub);
  EXPECT_TRUE(Value(Function<void()>()).is_null());
}

struct Adder {
  Function<int(int)> make_typed(int by) {
    return [by](int x) { return x + by; };
  }
  struct Rpc {
    Method<&Adder::make_typed> make_typed;
  };
};

TEST(Function, IsAResult) {
  run([]() -> Task<> {
    Stub<Adder> adder = std::make_shared<Adder>();
    auto five = co_await adder->make_typed(5);
    EXPECT_EQ(co_await five(1), 6);
  }());
}

TEST(Function, EmptyIsALogicError) {
  const Function<void()> empty;
  EXPECT_FALSE(empty);
  EXPECT_THROW(empty().detach(), std::logic_error);
}

}  // namespace
}  // namespace capnweb::testing
