// session_test.cpp: the typed API across a session.
#include <gtest/gtest.h>

#include <capnweb/contract.hpp>
#include <capnweb/function.hpp>
#include <capnweb/session.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "support/pair.hpp"
#include "unit/api/run.hpp"

namespace capnweb::testing {
namespace {

struct User {
  int id = 0;
  std::string name = {};
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
struct Api {
  User authenticate(const std::string& token) { return {.id = 7, .name = token}; }
  std::string profile(int id) { return "profile " + std::to_string(id); }
  std::unique_ptr<Counter> make_counter() { return std::make_unique<Counter>(); }
  Task<int> twice(Function<int(int)> f) {
    const int once = co_await f(1);
    co_return once + co_await f(2);
  }
  Task<int> use(Stub<Counter> counter) { co_return co_await counter->increment(5); }
  std::vector<std::string> names() { return {"a", "b"}; }
  struct Rpc {
    Method<&Api::authenticate> authenticate;
    Method<&Api::profile> profile;
    Method<&Api::make_counter, "makeCounter"> make_counter;
    Method<&Api::twice> twice;
    Method<&Api::use> use;
    Method<&Api::names> names;
  };
};

class TypedSession : public ::testing::Test {
 protected:
  Stub<Api> api() const { return pair_.alice.remote_main().as<Api>(); }
  template <class T>
  T result(const Promise<T>& promise) {
    pair_.run();
    return promise.get();
  }
  // Both sides hold nothing but their main objects.
  bool is_idle() {
    pair_.run();
    const Session::Stats idle{1, 1};
    return pair_.alice.stats() == idle && pair_.bob.stats() == idle;
  }

  Pair pair_{Stub<Api>(std::make_shared<Api>())};
};

// Starts to wait, as co_await does.
template <class T>
Promise<T> pulled(Promise<T> promise) {
  promise.then([](auto&&...) {});
  return promise;
}

TEST_F(TypedSession, PipelinesWithoutARoundTrip) {
  auto user = api()->authenticate("t");
  auto profile = pulled(api()->profile(user[&User::id]));
  EXPECT_EQ(result(profile), "profile 7");
  EXPECT_EQ(pair_.take_log(),
            "> [\"push\",[\"pipeline\",0,[\"authenticate\"],[\"t\"]]]\n"
            "> [\"push\",[\"pipeline\",0,[\"profile\"],[[\"pipeline\",1,[\"id\"]]]]]\n"
            "> [\"pull\",2]\n"
            "< [\"resolve\",2,\"profile 7\"]\n"
            "> [\"release\",2,1]\n");
  user = {};
  profile = {};
  EXPECT_TRUE(is_idle());
}

TEST_F(TypedSession, CallsThroughPromisesOfStubs) {
  auto count = pulled(api()->make_counter()->increment(3));
  EXPECT_EQ(result(count), 3);
  count = {};
  EXPECT_TRUE(is_idle());
}

TEST_F(TypedSession, CarriesCallbacksAndObjectsBothWays) {
  auto tenfold = [](int x) { return 10 * x; };
  EXPECT_EQ(result(pulled(api()->twice(tenfold))), 30);
  auto counter = std::make_shared<Counter>();
  EXPECT_EQ(result(pulled(api()->use(counter))), 5);
  EXPECT_EQ(counter->count, 5);
  EXPECT_TRUE(is_idle());
  EXPECT_EQ(counter.use_count(), 1);
}

TEST_F(TypedSession, ReleasesArgumentsBeforeTheAnswer_O2) {
  auto tenfold = [](int x) { return 10 * x; };
  auto sum = pulled(api()->twice(tenfold));
  EXPECT_EQ(result(sum), 30);
  const std::string log = pair_.take_log();
  const auto release = log.find("< [\"release\",-1,1]");
  const auto answer = log.find("< [\"resolve\",1,30]");
  ASSERT_NE(release, log.npos) << log;
  ASSERT_NE(answer, log.npos) << log;
  EXPECT_LT(release, answer) << log;
}

TEST_F(TypedSession, IndexesArraysByNumbers_C15) {
  std::string second;
  api()->names()[1].then([&](std::string name) { second = name; });
  pair_.run();
  EXPECT_EQ(second, "b");
  EXPECT_NE(pair_.take_log().find("[\"pipeline\",1,[1]]"), std::string::npos);
}

TEST_F(TypedSession, TellsWrongArgumentsWithoutRunningTheHandler) {
  auto wrong = pulled(pair_.alice.remote_main().call("profile", "x"));
  pair_.run();
  try {
    wrong.get();
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "TypeError: Api.profile argument 1: expected number, got string");
  }
}

TEST_F(TypedSession, AResultThatDoesNotFitIsTheCallersError) {
  auto wrong = pulled(pair_.alice.remote_main().call<int>("names"));
  pair_.run();
  try {
    wrong.get();
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "TypeError: result: expected number, got array");
  }
}

TEST_F(TypedSession, EndsWhatIsPending) {
  auto pending = pulled(api()->profile(1));
  std::string broken;
  auto watch = api().on_broken([&](const Error& error) { broken = error.what(); });
  pair_.alice.disconnected(Error("the cable was cut"));
  EXPECT_EQ(broken, "the cable was cut");
  EXPECT_THROW(pending.get(), Error);
}

}  // namespace
}  // namespace capnweb::testing
