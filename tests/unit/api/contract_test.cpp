#include <gtest/gtest.h>

#include <capnweb/contract.hpp>
#include <capnweb/function.hpp>
#include <concepts>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "unit/api/run.hpp"

namespace capnweb::testing {
namespace {

struct User {
  int id;
  std::string name;
  std::optional<std::string> email = {};
};

struct Counter {
  int count = 0;
  int increment(int by) { return count += by; }
  struct Rpc {
    Method<&Counter::increment> increment;
    Property<&Counter::count> count;
  };
};

struct Login {  // data with a capability inside
  std::string token;
  Stub<Counter> counter;
};

// A class whose contract stands outside of it.
struct Thermometer {
  double celsius = 20;
  double read(bool fahrenheit) const noexcept {
    return fahrenheit ? celsius * 9 / 5 + 32 : celsius;
  }
};
void warm(Thermometer& thermometer, double by) { thermometer.celsius += by; }
double peek(const Thermometer& thermometer) noexcept { return thermometer.celsius; }

}  // namespace
}  // namespace capnweb::testing

template <>
struct capnweb::Contract<capnweb::testing::Thermometer> {
  using Thermometer = capnweb::testing::Thermometer;
  Method<&Thermometer::read> read;
  Method<&capnweb::testing::warm> warm;
  Method<&capnweb::testing::peek> peek;
  Method<[](Thermometer& t) { t.celsius = 0; }, "freeze"> freeze;
};

namespace capnweb::testing {
namespace {

struct Calculator {
  double add(double a, double b) { return a + b; }
  Task<double> slow_add(double a, double b) { co_return a + b; }
  void reset() noexcept { total = 0; }
  double peek() const noexcept { return total; }
  void set(double value) { total = value; }
  void set(std::string_view value) { total = static_cast<double>(value.size()); }
  std::string describe(int value, std::optional<std::string> unit, std::optional<int> base) const {
    return std::to_string(value) + unit.value_or("") +
           (base ? " base " + std::to_string(*base) : "");
  }
  Task<double> twice(Function<double(int)> f) {
    const double once = co_await f(1);
    co_return once + co_await f(2);
  }
  Task<int> bump(Stub<Counter> counter, int by) { co_return co_await counter->increment(by); }
  Promise<int> forward(Stub<Counter> counter, int by) { return counter->increment(by); }
  std::unique_ptr<Counter> make_counter(int start) {
    return std::make_unique<Counter>(Counter{start});
  }
  std::shared_ptr<Counter> shared_counter() { return shared; }
  Task<std::unique_ptr<Counter>> slow_counter() { co_return std::make_unique<Counter>(); }
  Login login(std::string token) { return {token + "!", shared}; }
  User user(int id) const { return {.id = id, .name = "user" + std::to_string(id)}; }
  int id_of(const User& user) const { return user.id; }
  double sum(const std::vector<double>& values) const {
    double s = 0;
    for (const double v : values) s += v;
    return s;
  }
  const std::string& title() const { return title_text; }
  std::string_view view() const { return title_text; }
  int hidden() { return 42; }

  double total = 0;
  std::string title_text = "calculator";
  std::shared_ptr<Counter> shared = std::make_shared<Counter>();
  Function<int(int)> negate = [](int x) { return -x; };

  struct Rpc {
    Method<&Calculator::add, params<"left", "right">, doc<"Adds two numbers.">> add;
    Method<&Calculator::slow_add, "slowAdd"> slow_add;
    Method<&Calculator::reset> reset;
    Method<&Calculator::peek> peek;
    Method<static_cast<void (Calculator::*)(double)>(&Calculator::set)> set;
    Method<static_cast<void (Calculator::*)(std::string_view)>(&Calculator::set), "setText",
           params<"text">>
        set_text;
    Method<&Calculator::describe> describe;
    Method<&Calculator::twice> twice;
    Method<&Calculator::bump> bump;
    Method<&Calculator::forward> forward;
    Method<&Calculator::make_counter, "makeCounter"> make_counter;
    Method<&Calculator::shared_counter> shared_counter;
    Method<&Calculator::slow_counter> slow_counter;
    Method<&Calculator::login> login;
    Method<&Calculator::user> user;
    Method<&Calculator::id_of> id_of;
    Method<&Calculator::sum> sum;
    Method<&Calculator::title> title;
    Method<&Calculator::view> view;
    Property<&Calculator::total> total;
    Property<&Calculator::peek, "current"> current;
    Property<&Calculator::shared> counter;
    Property<&Calculator::negate> negate;
    Property<&Calculator::slow_counter, "later"> later;
  };
};

// ---- What the compiler knows

// Not by find(): with -fsanitize=undefined g++ compares no address to null at compile time.
constexpr bool has(const detail::ContractTable& table, std::string_view name) {
  for (const detail::Row& row : table.rows)
    if (row.name == name) return true;
  return false;
}

constexpr const detail::ContractTable& kTable = detail::kTable<Calculator>;
static_assert(kTable.type == "Calculator");
static_assert(kTable.rows.size() == 24);
static_assert(has(kTable, "slowAdd") && !has(kTable, "slow_add") && !has(kTable, "hidden"));
static_assert(kTable.find("add")->info->parameters[1] == "right");
static_assert(kTable.find("add")->info->doc == "Adds two numbers.");
static_assert(kTable.find("setText")->info->parameters[0] == "text");
static_assert(kTable.find("total")->info->is_property);
static_assert(has(detail::kTable<Thermometer>, "warm"));

using Add = decltype(Calculator::Rpc::add);
static_assert(std::invocable<Add, int, float> && std::invocable<Add, Promise<int>, double>);
static_assert(!std::invocable<Add, int> && !std::invocable<Add, int, int, int>);
static_assert(!std::invocable<Add, int, const char*>);
static_assert(!std::invocable<Add, int, Promise<bool>> &&
              !std::invocable<Add, int, Promise<std::string>>);
static_assert(std::invocable<decltype(Calculator::Rpc::id_of), Promise<User>>);
static_assert(!std::invocable<decltype(Calculator::Rpc::id_of), double>);
static_assert(!std::copy_constructible<Add>);
static_assert(
    std::same_as<decltype(std::declval<Stub<Calculator>>()->view()), Promise<std::string>>);
static_assert(std::same_as<decltype(std::declval<Stub<Calculator>>()->make_counter(1)),
                           Promise<Stub<Counter>>>);
static_assert(std::same_as<decltype(std::declval<Stub<Calculator>>()->slow_counter()),
                           Promise<Stub<Counter>>>);

// Other shapes: an empty base, two bases, a name that the derived contract replaces.
struct Base {
  int f() { return 1; }
  struct Empty {};
  struct Rpc : Empty {
    Method<&Base::f> f;
  };
};
struct Derived : Base, Counter {
  int f() { return 2; }
  struct Rpc : Base::Rpc, Counter::Rpc {
    Method<&Derived::f> f;
    static constexpr int kVersion = 3;
  };
};
static_assert(detail::kTable<Derived>.rows.size() == Derived::Rpc::kVersion);

struct Silent {
  struct Rpc {};
};
static_assert(detail::kTable<Silent>.rows.empty());

TEST(ContractTable, FindsEachOfItsRowsAndNoOther) {
  for (const detail::Row& row : kTable.rows) EXPECT_EQ(kTable.find(row.name), &row);
  for (const std::string_view name : {"", "a", "ad", "addd", "hidden", "zzzzzzzzzzzzzzzzzzzzzz"})
    EXPECT_EQ(kTable.find(name), nullptr) << name;
  EXPECT_EQ(detail::kTable<Silent>.find("f"), nullptr);
}

// ---- Calls

class ContractCalls : public ::testing::Test {
 protected:
  std::shared_ptr<Calculator> server_ = std::make_shared<Calculator>();
  Stub<Calculator> api_ = server_;
};

TEST_F(ContractCalls, ReachMethodsAndProperties) {
  run([](Stub<Calculator> api) -> Task<> {
    EXPECT_EQ(co_await api->add(5, 3), 8);
    EXPECT_EQ(co_await api->slow_add(5, 4), 9);
    co_await api->set(4);
    EXPECT_EQ(co_await api->peek(), 4);
    EXPECT_EQ(co_await api->total, 4);
    EXPECT_EQ(co_await api->current, 4);
    co_await api->set_text("12345");
    EXPECT_EQ(co_await api->total.promise(), 5);
    co_await api->reset();
    EXPECT_EQ(co_await api->total, 0);
    EXPECT_EQ(co_await api->title(), "calculator");
    EXPECT_EQ(co_await api->view(), "calculator");
  }(api_));
}

TEST_F(ContractCalls, TakePromisesInThePlaceOfValues) {
  run([](Stub<Calculator> api) -> Task<> {
    auto five = api->add(2, 3);
    EXPECT_EQ(co_await api->add(five, api->slow_add(five, 1)), 11);
    co_await api->set(2.5);
    EXPECT_EQ(co_await api->add(api->total, 1), 3.5);
    auto user = api->user(7);
    EXPECT_EQ(co_await api->id_of(api->user(user[&User::id])), 7);
    std::vector<Promise<double>> parts;
    parts.push_back(api->add(1, 2));
    parts.push_back(api->add(3, 4));
    EXPECT_EQ(co_await api->sum(parts), 10);
  }(api_));
}

TEST_F(ContractCalls, MayLeaveTrailingOptionalsOut) {
  run([](Stub<Calculator> api) -> Task<> {
    EXPECT_EQ(co_await api->describe(7), "7");
    EXPECT_EQ(co_await api->describe(7, "px"), "7px");
    EXPECT_EQ(co_await api->describe(7, std::nullopt, 16), "7 base 16");
  }(api_));
}

TEST_F(ContractCalls, PassFunctions) {
  run([](Stub<Calculator> api) -> Task<> {
    const std::string tag = "kept";
    auto scaled = [tag](int i) { return i * static_cast<double>(tag.size()); };
    EXPECT_EQ(co_await api->twice(scaled), 12);
    auto slow = [](int i) -> Task<double> { co_return i * 2.5; };
    EXPECT_EQ(co_await api->twice(slow), 7.5);
  }(api_));
}

TEST_F(ContractCalls, GiveAndTakeObjects) {
  run([](Stub<Calculator> api) -> Task<> {
    auto counter = co_await api->make_counter(10);
    EXPECT_EQ(co_await counter->increment(5), 15);
    EXPECT_EQ(co_await api->bump(counter, 1), 16);
    EXPECT_EQ(co_await api->forward(counter, 1), 17);
    EXPECT_EQ(co_await counter->count, 17);
    EXPECT_EQ(co_await api->make_counter(100)->increment(1), 101);
    EXPECT_EQ(co_await api->slow_counter()->increment(1), 1);
    EXPECT_EQ(co_await api->bump(api->shared_counter(), 3), 3);
    EXPECT_EQ(co_await api->bump(std::make_shared<Counter>(), 8), 8);
    EXPECT_EQ(co_await api->counter->increment(1), 4);
    EXPECT_EQ(co_await api->later->increment(2), 2);
  }(api_));
}

TEST_F(ContractCalls, ReachStubsInsideOfStructs) {
  run([](Stub<Calculator> api) -> Task<> {
    auto login = api->login("t");
    EXPECT_EQ(co_await login[&Login::counter]->increment(2), 2);
    const Login whole = co_await login;
    EXPECT_EQ(whole.token, "t!");
    EXPECT_EQ(co_await whole.counter->increment(1), 3);
  }(api_));
}

TEST_F(ContractCalls, TakeBraces) {
  run([](Stub<Calculator> api) -> Task<> {
    auto id = api->id_of({.id = 9, .name = "brace"});
    EXPECT_EQ(co_await id, 9);
    const User named{.id = 10, .name = "named"};
    EXPECT_EQ(co_await api->id_of(named), 10);
  }(api_));
}

TEST_F(ContractCalls, ReachAContractOutsideItsClass) {
  run([]() -> Task<> {
    Stub<Thermometer> thermometer = std::make_shared<Thermometer>();
    co_await thermometer->warm(5);
    EXPECT_EQ(co_await thermometer->read(true), 77);
    co_await thermometer->freeze();
    EXPECT_EQ(co_await thermometer->peek(), 0);
  }());
}

TEST_F(ContractCalls, ReachInheritedMethods) {
  run([]() -> Task<> {
    Stub<Derived> derived = std::make_unique<Derived>();
    EXPECT_EQ(co_await derived->f(), 2);
    EXPECT_EQ(co_await derived->increment(2), 2);
    Stub<Base> base = std::make_shared<Derived>();
    EXPECT_EQ(co_await base->f(), 1);
  }());
}

TEST_F(ContractCalls, ReachNothingThatIsNotListed_C12_C20) {
  run([](Stub<Calculator> api) -> Task<> {
    Stub<> any = api;
    EXPECT_EQ(co_await failure(any.call("hidden")), "TypeError: 'hidden' is not a function.");
    EXPECT_EQ(co_await failure(any.call("slow_add", 1, 2)),
              "TypeError: 'slow_add' is not a function.");
    EXPECT_EQ(co_await failure(any.call("total")), "TypeError: 'total' is not a function.");
    EXPECT_EQ(co_await failure(any()), "TypeError: '' is not a function.");
    EXPECT_TRUE((co_await any["hidden"]).is_undefined());
    EXPECT_TRUE((co_await any["toString"]).is_undefined());
  }(api_));
}

TEST_F(ContractCalls, MethodReadAsAPropertyIsAFunction_C14) {
  run([](Stub<Calculator> api) -> Task<> {
    auto add = co_await Stub<>(api)["add"].as<Function<double(double, double)>>();
    EXPECT_EQ(co_await add(1, 2), 3);
  }(api_));
}

TEST_F(ContractCalls, PropertyThatHoldsAFunctionIsCalled) {
  run([](Stub<Calculator> api) -> Task<> {
    EXPECT_EQ(co_await Stub<>(api).call<int>("negate", 4), -4);
    auto negate = co_await api->negate;
    EXPECT_EQ(co_await negate(5), -5);
  }(api_));
}

TEST_F(ContractCalls, SurplusArgumentsAreIgnored_C32) {
  run([](Stub<Calculator> api) -> Task<> {
    EXPECT_EQ(co_await Stub<>(api).call<double>("add", 1, 2, 3, "four"), 3);
  }(api_));
}

}  // namespace
}  // namespace capnweb::testing
