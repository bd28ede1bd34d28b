// map_replay_test.cpp: the bound on what a map() may do.
#include "cap/map_replay.hpp"

#include <gtest/gtest.h>

#include <capnweb/detail/resolver.hpp>
#include <memory>
#include <string>
#include <utility>

#include "support/object.hpp"

namespace capnweb::testing {
namespace {

using detail::HookRef;
using detail::MapBudget;
using detail::MapProgram;

constexpr char kRefusal[] =
    "RangeError: This map() takes more than 10 steps (instructions times elements, maps inside of "
    "it "
    "included); map fewer elements at a time, or raise Limits::max_map_steps.";

std::shared_ptr<MapBudget> budget_of(std::size_t limit) {
  return std::make_shared<MapBudget>(MapBudget{.limit = limit});
}

// What a map of `input` with a budget ends with: "" or its error.
std::string failure(Value input, std::string instructions, std::shared_ptr<MapBudget> budget,
                    std::vector<Value> captures = {}) {
  const HookRef result = detail::replay_map(
      input, MapProgram{std::move(captures), std::move(instructions), std::move(budget)});
  return result->outcome()->is_error() ? result->outcome()->error().what() : "";
}

Array numbers(int count) {
  Array array;
  for (int i = 0; i < count; ++i) array.emplace_back(i);
  return array;
}

TEST(MapReplay, TargetsInTheInputCanBeCalled_R12) {
  double count = 1;
  const Value counter =
      target({{"inc", [&](Array& a) { return Value(count += a[0].get<double>()); }}});
  const HookRef result =
      detail::replay_map(Value(Array{counter, counter}),
                         MapProgram{{}, R"([["pipeline",0,["inc"],[10]],["pipeline",1]])"});
  const auto& results = result->outcome()->value().get<Array>();
  EXPECT_EQ(hook_of(results[0])->outcome()->value(), Value(11));
  EXPECT_EQ(hook_of(results[1])->outcome()->value(), Value(21));
}

TEST(MapReplay, EachElementIsACopy_R12) {
  Value input(Array{Value(Object{{"a", 1}})});
  const HookRef result = detail::replay_map(input, MapProgram{{}, R"([["pipeline",0]])"});
  input = Value();
  const HookRef element = hook_of(result->outcome()->value()[0]);
  EXPECT_EQ(element->outcome()->value(), Value(Object{{"a", 1}}));
}

TEST(MapReplay, InstructionsHaveTheDefaultDepth_R19_R16) {
  const auto nested = [](std::size_t levels) {
    std::string text;
    for (std::size_t i = 0; i < levels; ++i) text += "[[";
    text += "1";
    for (std::size_t i = 0; i < levels; ++i) text += "]]";
    return "[" + text + "]";
  };
  EXPECT_EQ(failure(1, nested(255), nullptr), "");
  EXPECT_EQ(failure(1, nested(257), nullptr),
            "TypeError: Deserialization exceeded maximum allowed message depth of 256.");
}

TEST(MapReplay, CountsInstructionsTimesElements_L8) {
  const auto budget = budget_of(10);
  EXPECT_EQ(failure(numbers(5), R"([1,["pipeline",1]])", budget), "");
  EXPECT_EQ(budget->left, 0U);
  EXPECT_EQ(failure(numbers(10), "[1]", budget_of(10)), "");
  EXPECT_EQ(failure(numbers(11), "[1]", budget_of(10)), kRefusal);
  EXPECT_EQ(failure(numbers(6), "[1,2]", budget_of(10)), kRefusal);
  EXPECT_EQ(failure("one", "[1,2,3,4,5,6,7,8,9,10]", budget_of(10)), "");
  EXPECT_EQ(failure("one", "[1,2,3,4,5,6,7,8,9,10,11]", budget_of(10)), kRefusal);
}

TEST(MapReplay, CallsNothingWhenTheBudgetIsTooSmall_L8) {
  int calls = 0;
  const Value count = function([&](Array&) { return Value(++calls); });
  const char* const program = R"([["pipeline",-1,[],[]],["pipeline",1]])";
  const auto budget = budget_of(10);
  EXPECT_EQ(failure(numbers(6), program, budget, {count}), kRefusal);
  EXPECT_EQ(calls, 0);
  EXPECT_EQ(failure(numbers(5), program, budget, {count}), "");
  EXPECT_EQ(calls, 5);
}

TEST(MapReplay, NullTakesNothing_R9) {
  const auto budget = budget_of(10);
  EXPECT_EQ(failure(Value::null(), "[1]", budget), "");
  EXPECT_EQ(failure(Array(), "[1]", budget), "");
  EXPECT_EQ(budget->left, 10U);
}

TEST(MapReplay, LongConstantsCountByTheirSize_L8) {
  const std::string program = "[\"" + std::string(1024, 'x') + "\"]";
  EXPECT_EQ(failure(numbers(2), program, budget_of(10)), "");
  EXPECT_EQ(failure(numbers(3), program, budget_of(10)), kRefusal);
}

TEST(MapReplay, MapsInsideShareTheBudget_R7_L8) {
  const std::string program = R"([["remap",0,[],[],[["pipeline",0]]],["pipeline",1]])";
  const auto nested = [](int outer, int inner) {
    return Value(Array(static_cast<std::size_t>(outer), Value(numbers(inner))));
  };
  const auto inner_failure = [&](Value input) {
    const HookRef result = detail::replay_map(input, MapProgram{{}, program, budget_of(10)});
    const HookRef last = hook_of(result->outcome()->value().get<Array>().back());
    return std::string(last->outcome()->is_error() ? last->outcome()->error().what() : "");
  };
  EXPECT_EQ(inner_failure(nested(2, 3)), "");
  EXPECT_EQ(inner_failure(nested(2, 4)), kRefusal);
}

TEST(MapReplay, AMapInsideThatRunsLaterSharesTheBudget_R7_L8) {
  detail::Resolver later;
  const auto budget = budget_of(10);
  const HookRef result = detail::replay_map(
      Value(1), MapProgram{{promise(later.promise())},
                           R"([["remap",-1,[],[],[["pipeline",0]]],["pipeline",1]])",
                           budget});
  EXPECT_EQ(budget->left, 8U);
  later.resolve(Value(numbers(9)));
  ASSERT_TRUE(result->outcome());
  ASSERT_TRUE(result->outcome()->is_error());
  EXPECT_STREQ(result->outcome()->error().what(), kRefusal);
  EXPECT_EQ(budget->left, 8U);
}

TEST(MapReplay, WithoutABudgetThereIsNoBound_R27) {
  EXPECT_EQ(failure(numbers(200'000), "[1]", nullptr), "");
}

}  // namespace
}  // namespace capnweb::testing
