// compiler_trap_test.cpp: what docs/compilers.md calls safe destroys what it made once, and what it
// calls refused is a promise that must be named.
#include <gtest/gtest.h>

#include <capnweb/contract.hpp>
#include <capnweb/function.hpp>
#include <concepts>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

#include "unit/api/run.hpp"

namespace capnweb::testing {
namespace {

int alive = 0;

struct Counted {
  Counted() { ++alive; }
  Counted(const Counted&) { ++alive; }
  Counted& operator=(const Counted&) = default;
  ~Counted() { --alive; }
};

}  // namespace
}  // namespace capnweb::testing

template <>
struct capnweb::Convert<capnweb::testing::Counted> {
  using Counted = capnweb::testing::Counted;
  static Value encode(const Counted&) { return 1; }
  static std::optional<Counted> decode(const Value&, Mismatch&) { return Counted(); }
};

namespace capnweb::testing {
namespace {

struct User {
  Counted counted = {};
};
class Account {  // not an aggregate
 public:
  Account() = default;

 private:
  Counted counted_;

 public:
  using Fields = capnweb::Fields<&Account::counted_>;
};

struct Server {
  User add(const User& user) { return user; }
  void maybe(std::optional<User>) {}
  void open(Account) {}
  void all(std::vector<User>) {}
  void watch(Function<void(int)>) {}
  void say(std::string, std::vector<int>) {}
  int number() { return 1; }
  struct Rpc {
    Method<&Server::add> add;
    Method<&Server::maybe> maybe;
    Method<&Server::open> open;
    Method<&Server::all> all;
    Method<&Server::watch> watch;
    Method<&Server::say> say;
    Method<&Server::number> number;
  };
};

User make_user() { return {}; }

Task<> safe_forms(Stub<Server> api) {
  const Counted counted;
  User user;
  co_await api->add(user);
  auto braces = api->add({});
  co_await braces;
  auto temporary = api->add(User{});
  co_await temporary;
  auto optional = api->maybe(std::optional<User>(User{}));
  co_await optional;
  auto added = api->add(make_user());
  auto again = api->add(added);
  co_await again[&User::counted];
  co_await api->open(Account());
  std::vector<User> users(2);
  co_await api->all(users);
  co_await api->all(std::vector<User>(2));
  auto on_event = [counted](int) { static_cast<void>(counted); };
  co_await api->watch(on_event);
  co_await api->watch([](int) {});
  const Function<void(int)> function = on_event;
  co_await api->watch(function);
  co_await api->say(std::string(50, 'x'), std::vector<int>(50));
  co_await [&]() -> Promise<User> { return api->add(User{}); }();
}

TEST(CompilerTrap, SafeFormsDestroyWhatTheyMadeOnce) {
  ASSERT_EQ(alive, 0);
  run(safe_forms(std::make_shared<Server>()));
  EXPECT_EQ(alive, 0);
}

// What a call with an argument of type A returns.
template <class T, class A>
using Answer = detail::Reply<T, A>;
template <class A>
constexpr bool must_be_named() {
  return std::same_as<Answer<int, A>, detail::PromiseToName<int>>;
}
constexpr bool kHasTrap = CAPNWEB_DESTROYS_TEMPORARIES_TWICE;

static_assert(must_be_named<User>() == kHasTrap);
static_assert(must_be_named<std::optional<User>>() == kHasTrap);
static_assert(must_be_named<std::pair<int, User>>() == kHasTrap);
static_assert(must_be_named<std::tuple<User>>() == kHasTrap);
static_assert(must_be_named<std::variant<int, User>>() == kHasTrap);
static_assert(must_be_named<std::function<void()>>() == kHasTrap);
static_assert(must_be_named<Function<void()>>() == kHasTrap);
static_assert(must_be_named<detail::PromiseToName<int>>() == kHasTrap);
static_assert(!must_be_named<User&>() && !must_be_named<const User&>());
static_assert(!must_be_named<Account>() && !must_be_named<std::string>() && !must_be_named<int>());
static_assert(!must_be_named<std::vector<User>>() && !must_be_named<std::optional<int>>());
static_assert(!must_be_named<Promise<int>>() && !must_be_named<Stub<Server>>());

TEST(CompilerTrap, RecognisesClosuresByTheirName) {
  const Counted counted;
  const auto closure = [counted] { static_cast<void>(counted); };
  const auto trivial = [](int) {};
  EXPECT_EQ(must_be_named<std::remove_const_t<decltype(closure)>>(), kHasTrap);
  EXPECT_FALSE(must_be_named<std::remove_const_t<decltype(trivial)>>());
}

}  // namespace
}  // namespace capnweb::testing
