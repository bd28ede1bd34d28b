// map_test.cpp: map() of the typed and of the dynamic API, and the types that it gives.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <capnweb/capnweb.hpp>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "support/pair.hpp"
#include "unit/api/run.hpp"

namespace capnweb::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr char kPlaceholderMisuse[] =
    "Attempted to use an abstract placeholder from a mapper function. Please make sure your map "
    "function has no side effects.";
constexpr char kMadeInside[] =
    "Can't construct an RpcTarget or RPC callback inside a mapper function. Try creating a new "
    "RpcStub outside the callback first, then using it inside the callback.";

struct User {
  int id = 0;
  std::string name;
};

struct Line {
  Promise<int> id;
  std::string kind;
  std::optional<Promise<std::string>> name;
};

class Counter {
 public:
  explicit Counter(int value) : value_(value) {}
  int inc(std::optional<int> by) { return value_ += by.value_or(1); }
  int value() const { return value_; }

  struct Rpc {
    Method<&Counter::inc> inc;
    Property<&Counter::value> value;
  };

 private:
  int value_;
};

class Directory {
 public:
  std::vector<int> ids() const { return {1, 2, 3}; }
  std::string name(int id) const {
    if (id == 13) throw Error::range_error("nobody");
    return "user" + std::to_string(id);
  }
  std::string described(User user) const { return user.name + "#" + std::to_string(user.id); }
  std::vector<User> users() const { return {{1, "Ada"}, {2, "Bob"}}; }
  User first() const { return {1, "Ada"}; }
  std::optional<User> find(int id) const { return id == 1 ? std::optional(first()) : std::nullopt; }
  std::optional<std::vector<int>> perhaps(bool is_there) const {
    return is_there ? std::optional(ids()) : std::nullopt;
  }
  std::vector<Stub<Counter>> counters() const {
    return {std::make_shared<Counter>(1), std::make_shared<Counter>(10)};
  }
  std::shared_ptr<Counter> counter(int start) const { return std::make_shared<Counter>(start); }
  std::vector<std::vector<int>> teams() const { return {{1, 2}, {3}}; }
  std::tuple<int, std::string> pair() const { return {1, "two"}; }
  std::array<int, 2> two() const { return {1, 2}; }
  void note(int id) { notes.push_back(id); }
  Value any(Value value) const { return value; }

  std::vector<int> notes;

  struct Rpc {
    Property<&Directory::ids> ids;
    Method<&Directory::name> name;
    Method<&Directory::described> described;
    Method<&Directory::users> users;
    Property<&Directory::first> first;
    Method<&Directory::find> find;
    Method<&Directory::perhaps> perhaps;
    Method<&Directory::counters> counters;
    Method<&Directory::counter> counter;
    Method<&Directory::teams> teams;
    Method<&Directory::pair> pair;
    Method<&Directory::two> two;
    Method<&Directory::note> note;
    Method<&Directory::any> any;
  };
};

// Alice calls a Directory of Bob's.
class Map : public ::testing::Test {
 protected:
  Map() : Map(Pair::Options{}) {}
  explicit Map(Pair::Options options)
      : pair_(Convert<Stub<Directory>>::encode(Stub<Directory>(directory_)), {},
              std::move(options)) {}

  // Waits for a promise while messages travel.
  template <class T>
  T await(const Promise<T>& promise) {
    pair_.run();
    if constexpr (std::is_void_v<T>) {
      promise.then([] {});
    } else {
      promise.then([](const T&) {});
    }
    pair_.run();
    return promise.get();
  }
  template <class T>
  std::string failure(const Promise<T>& promise) {
    try {
      await(promise);
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  }

  // The error of a map over numbers whose callback is misused; nothing is sent.
  template <class F>
  std::string misuse(F callback) {
    auto numbers = api_->ids.promise();
    std::string what;
    try {
      static_cast<void>(numbers.map(callback));
    } catch (const Error& error) {
      what = error.what();
    }
    EXPECT_FALSE(pair_.alice.has_output());
    return what;
  }

  std::shared_ptr<Directory> directory_ = std::make_shared<Directory>();
  Pair pair_;
  Stub<Directory> api_ = pair_.alice.remote_main().as<Directory>();
};

template <class Expected, class Actual>
constexpr void expect_type(const Actual&) {
  static_assert(std::is_same_v<Expected, Actual>);
}

// ---- What is mapped

TEST_F(Map, OverAVectorGivesAVector_R9) {
  auto names = api_->ids.map([&](auto id) {
    expect_type<Promise<int>>(id);
    return api_->name(id);
  });
  expect_type<Promise<std::vector<std::string>>>(names);
  EXPECT_THAT(await(names), ElementsAre("user1", "user2", "user3"));
}

TEST_F(Map, TheCallbackMayNameTheElementsType) {
  auto names = api_->ids.map([&](Promise<int> id) { return api_->name(id); });
  EXPECT_THAT(await(names), ElementsAre("user1", "user2", "user3"));
  auto echoes = api_->ids.map([&](const Promise<Value>& id) { return api_->any(id); });
  EXPECT_THAT(await(echoes), ElementsAre(Value(1), Value(2), Value(3)));
}

TEST_F(Map, MembersAndMethodsOfTheElement_R2_R12) {
  auto users = api_->users();
  auto names = users.map([](auto user) { return user[&User::name]; });
  EXPECT_THAT(await(names), ElementsAre("Ada", "Bob"));
  auto described = users.map([&](auto user) { return api_->described(user); });
  EXPECT_THAT(await(described), ElementsAre("Ada#1", "Bob#2"));
  auto counts = api_->counters().map([](auto counter) { return counter->inc(5); });
  EXPECT_THAT(await(counts), ElementsAre(6, 15));
  auto values = api_->counters().map([](auto counter) { return counter->value.promise(); });
  EXPECT_THAT(await(values), ElementsAre(1, 10));
}

TEST_F(Map, OverASingleValueRunsOnce_R9) {
  auto name = api_->first.map([&](auto user) { return api_->name(user[&User::id]); });
  expect_type<Promise<std::string>>(name);
  EXPECT_EQ(await(name), "user1");
  auto twice = api_->counter(1).map([](auto counter) {
    auto first = counter->inc();
    return std::tuple(first, counter->inc());
  });
  EXPECT_EQ(await(twice), std::tuple(2, 3));
}

TEST_F(Map, OfNullIsNull_R9) {
  const auto id_of = [](auto user) { return user[&User::id]; };
  auto none = api_->find(2).map(id_of);
  expect_type<Promise<std::optional<int>>>(none);
  EXPECT_EQ(await(none), std::nullopt);
  EXPECT_EQ(await(api_->find(1).map(id_of)), 1);
  const auto name_of = [&](auto id) { return api_->name(id); };
  auto names = api_->perhaps(true).map(name_of);
  expect_type<Promise<std::optional<std::vector<std::string>>>>(names);
  EXPECT_EQ(await(names)->size(), 3U);
  EXPECT_EQ(await(api_->perhaps(false).map(name_of)), std::nullopt);
  auto optional = api_->find(2).map([](auto) { return std::optional<int>(1); });
  expect_type<Promise<std::optional<int>>>(optional);
  EXPECT_EQ(await(optional), std::nullopt);
}

TEST_F(Map, OverArraysOfDifferentTypes_R9) {
  auto same = api_->pair().map([](auto part) {
    expect_type<Promise<Value>>(part);
    return part;
  });
  EXPECT_THAT(await(same), ElementsAre(Value(1), Value("two")));
  auto names = api_->two().map([&](auto id) { return api_->name(id); });
  expect_type<Promise<std::vector<std::string>>>(names);
  EXPECT_THAT(await(names), ElementsAre("user1", "user2"));
}

TEST_F(Map, Nests_R7) {
  auto names = api_->teams().map(
      [&](auto team) { return team.map([&](auto id) { return std::pair(id, api_->name(id)); }); });
  expect_type<Promise<std::vector<std::vector<std::pair<int, std::string>>>>>(names);
  const auto result = await(names);
  EXPECT_THAT(result[0], ElementsAre(std::pair(1, "user1"), std::pair(2, "user2")));
  EXPECT_THAT(result[1], ElementsAre(std::pair(3, "user3")));
}

TEST_F(Map, OfAStub_R20) {
  auto sum = api_.map([](auto self) {
    expect_type<Promise<Stub<Directory>>>(self);
    return self->name(7);
  });
  EXPECT_EQ(await(sum), "user7");
}

TEST_F(Map, OfDynamicStubsAndPromises_R20) {
  const Stub<> any = api_;
  auto names = any["ids"].map([&](auto id) { return Object{{"name", any.call("name", id)}}; });
  expect_type<Promise<Value>>(names);
  EXPECT_EQ(await(names)[1], Value(Object{{"name", "user2"}}));
  auto name = any.map([](auto self) { return self.call("name", 4); });
  expect_type<Promise<Value>>(name);
  EXPECT_EQ(await(name), Value("user4"));
  auto of_users = any.call("users").map([](auto user) { return user["name"]; });
  EXPECT_EQ(await(of_users), Value(Array{"Ada", "Bob"}));
}

// ---- What the callback returns

TEST_F(Map, ConstantsAndStructsAndContainers_R3_R4) {
  EXPECT_THAT(await(api_->ids.map([](auto) { return 5; })), ElementsAre(5, 5, 5));
  auto texts = api_->ids.map([](auto) { return "x"; });
  expect_type<Promise<std::vector<std::string>>>(texts);
  EXPECT_THAT(await(texts), ElementsAre("x", "x", "x"));
  auto lists = api_->ids.map([&](auto id) { return std::vector{api_->name(id), api_->name(id)}; });
  expect_type<Promise<std::vector<std::vector<std::string>>>>(lists);
  EXPECT_THAT(await(lists)[2], ElementsAre("user3", "user3"));
  auto maps =
      api_->ids.map([](auto id) { return std::map<std::string, Promise<int>>{{"id", id}}; });
  EXPECT_EQ(await(maps)[2].at("id"), 3);
}

TEST_F(Map, AStructWithPromises_R3) {
  auto lines = api_->ids.map([&](auto id) { return Line{id, "user", api_->name(id)}; });
  expect_type<Promise<std::vector<Line>>>(lines);
  const auto result = await(lines);
  EXPECT_EQ(result[1].id.get(), 2);
  EXPECT_EQ(result[1].kind, "user");
  EXPECT_EQ(result[1].name->get(), "user2");
}

TEST_F(Map, NothingIsAPromiseOfNothing_R4) {
  auto done = api_->ids.map([&](auto id) { api_->note(id).detach(); });
  expect_type<Promise<void>>(done);
  await(done);
  EXPECT_THAT(directory_->notes, ElementsAre(1, 2, 3));
  auto also = api_->ids.map([&](auto id) { return api_->note(id); });
  expect_type<Promise<void>>(also);
  await(also);
  EXPECT_EQ(directory_->notes.size(), 6U);
}

TEST_F(Map, AFailingElementFailsTheAwait_R14) {
  auto names = api_->any(Array{1, 13, 2}).map([&](auto id) { return api_->any(id); });
  EXPECT_EQ(await(names)[1], Value(13));
  auto broken = api_->any(Array{1, 13, 2}).as<std::vector<int>>().map([&](auto id) {
    return api_->name(id);
  });
  EXPECT_EQ(failure(broken), "RangeError: nobody");
}

// ---- The callback

TEST_F(Map, RunsTheCallbackOnceAndSendsOneMessage_R22) {
  auto ids = api_->ids.promise();
  int runs = 0;
  auto names = ids.map([&](auto id) {
    ++runs;
    auto counter = api_->counter(id);  // on an outer stub, and on its result
    return counter->inc(id);
  });
  EXPECT_EQ(runs, 1);
  pair_.run();
  EXPECT_EQ(
      pair_.take_log(),
      R"(> ["push",["remap",0,["ids"],[["import",0]],[["pipeline",-1,["counter"],[["pipeline",0]]],["pipeline",1,["inc"],[["pipeline",0]]],["pipeline",2]]]]
)");
  EXPECT_THAT(await(names), ElementsAre(2, 4, 6));
}

TEST_F(Map, CapturesPromisesAndTheirMembers_R5) {
  auto user = api_->first.promise();
  auto counter = api_->counter(10);
  const auto names = api_->ids.map(
      [&](auto id) { return std::tuple(api_->name(user[&User::id]), counter->inc(id)); });
  const auto result = await(names);
  EXPECT_EQ(result[0], std::tuple("user1", 11));
  EXPECT_EQ(result[2], std::tuple("user1", 16));
}

TEST_F(Map, WhatHasBecomeAStubOfThePeersGoesHome_R5) {
  auto counter = api_->counter(10);
  await(counter);
  pair_.take_log();
  auto counts = api_->ids.map([&](auto id) { return counter->inc(id); });
  pair_.run();
  EXPECT_THAT(pair_.take_log(), HasSubstr(R"(["remap",0,["ids"],[["import",-1]],)"));
  EXPECT_THAT(await(counts), ElementsAre(11, 13, 16));
}

TEST_F(Map, CapturesPromisesOfOurOwn_R5) {
  auto [id, resolver] = make_promise<int>();
  auto names = api_->ids.map([&](auto) { return api_->name(id); });
  pair_.run();
  resolver.resolve(9);
  EXPECT_THAT(await(names), ElementsAre("user9", "user9", "user9"));
}

TEST_F(Map, CallsFunctionsOfOurOwn_R15) {
  const Function<int(int)> twice = [](int i) { return 2 * i; };
  EXPECT_THAT(await(api_->ids.map([&](auto id) { return twice(id); })), ElementsAre(2, 4, 6));
  const Stub<Counter> counter(std::make_shared<Counter>(0));
  EXPECT_THAT(await(api_->ids.map([&](auto id) { return counter->inc(id); })),
              ElementsAre(1, 3, 6));
  EXPECT_EQ(counter->inc().get(), 7);  // R-26: still ours
}

TEST_F(Map, RefusesWhatIsMadeInside_R23) {
  EXPECT_EQ(misuse([](auto) { return std::make_shared<Counter>(1); }), kMadeInside);
  EXPECT_EQ(misuse([](auto) { return [](int i) { return i; }; }), kMadeInside);
  EXPECT_EQ(misuse([&](auto) {
              return api_->any(Convert<Stub<Counter>>::encode(std::make_unique<Counter>(1)));
            }),
            kMadeInside);
  EXPECT_EQ(misuse([](auto) { return Blob("text/plain", Bytes()); }),
            "Cannot send ReadableStream inside a mapper function.");
}

TEST_F(Map, RefusesToUseStreams_R22) {
  auto [readable, writable] = make_pipe<int>();
  const auto refused = HasSubstr("Cannot use a stream inside a mapper function");
  EXPECT_THAT(misuse([out = writable](auto id) { return out.write(1).detach(), id; }), refused);
  EXPECT_THAT(misuse([out = writable](auto id) { return out.close().detach(), id; }), refused);
  EXPECT_THAT(misuse([in = readable](auto id) { return in.read().detach(), id; }), refused);
  writable.write(2).detach();
  EXPECT_EQ(*readable.read().get(), 2) << "it is as it was";
}

TEST_F(Map, ExceptionsOfTheCallbackPassThrough_R23) {
  auto ids = api_->ids.promise();
  EXPECT_THROW(static_cast<void>(ids.map([](auto id) -> Promise<int> {
                 static_cast<void>(id);
                 throw std::out_of_range("mine");
               })),
               std::out_of_range);
  EXPECT_FALSE(pair_.alice.has_output());
  EXPECT_EQ(await(api_->name(1)), "user1");  // calls are calls again
}

TEST_F(Map, NothingInItCanBeWaitedFor_R25) {
  EXPECT_EQ(misuse([](auto id) { return id.get(); }), kPlaceholderMisuse);
  EXPECT_EQ(misuse([&](auto id) { return api_->name(id).get(); }), kPlaceholderMisuse);
  EXPECT_EQ(misuse([](auto id) { id.then([](int) {}); }), kPlaceholderMisuse);
  EXPECT_EQ(misuse([](auto id) { static_cast<void>(id.on_broken([](const Error&) {})); }),
            kPlaceholderMisuse);
  std::string seen;
  misuse([&](auto id) {
    const auto wait = [](Promise<int> promise, std::string& what) -> Task<> {
      try {
        co_await promise;
      } catch (const Error& error) {
        what = error.what();
      }
    };
    start(wait(id, seen));
    throw Error("stop");
  });
  EXPECT_EQ(seen, kPlaceholderMisuse);
}

TEST_F(Map, NothingElseCanBeWaitedForByBlocking_R25) {
  auto [other, resolver] = make_promise<int>();
  resolver.resolve(1);
  auto ids = api_->ids.promise();
  EXPECT_THROW(static_cast<void>(ids.map([&](auto) { return other.get(); })), std::logic_error);
}

TEST_F(Map, PlaceholdersAreOfNoUseAfterwards_R25) {
  std::optional<Promise<int>> kept;
  std::optional<Promise<std::string>> result;
  auto names = api_->ids.map([&](auto id) {
    kept = id;
    return *(result = api_->name(id));
  });
  await(names);
  EXPECT_EQ(failure(*kept), kPlaceholderMisuse);
  EXPECT_EQ(failure(*result), kPlaceholderMisuse);
  const Promise<Value> any = *kept;
  EXPECT_EQ(failure(any.call("f")), kPlaceholderMisuse);
  EXPECT_FALSE(pair_.alice.has_output());
}

TEST_F(Map, OfAnEmptyStubIsALogicError) {
  EXPECT_THROW(static_cast<void>(Stub<>().map([](auto) {})), std::logic_error);
  EXPECT_THROW(static_cast<void>(Promise<int>().map([](auto) {})), std::logic_error);
}

// ---- On this side

TEST_F(Map, OfLocalPromises_R27) {
  const Stub<Directory> local(directory_);
  auto [ids, resolver] = make_promise<std::vector<int>>();
  auto names = ids.map([&](auto id) { return local->name(id); });
  auto mixed = ids.map([&](auto id) { return api_->name(id); });
  EXPECT_THAT(await(local->teams().map([](auto team) { return team[0]; })), ElementsAre(1, 3));
  resolver.resolve({4, 5});
  EXPECT_THAT(await(names), ElementsAre("user4", "user5"));
  EXPECT_THAT(await(mixed), ElementsAre("user4", "user5"));
  EXPECT_EQ(await(local.map([](auto self) { return self->name(1); })), "user1");
  auto [failed, other] = make_promise<std::vector<int>>();
  auto none = failed.map([](auto id) { return id; });
  other.reject(Error("never"));
  EXPECT_EQ(failure(none), "never");
}

// ---- The bound

class BoundedMap : public Map {
 protected:
  static Pair::Options bounded() {
    Pair::Options options;
    options.bob.limits.max_map_steps = 10;
    return options;
  }
  BoundedMap() : Map(bounded()) {}
};

TEST_F(BoundedMap, RejectsTheMapAndKeepsTheSession_L8) {
  const std::vector<int> five(5), six(6);
  const auto note = [&](auto id) { return api_->note(id); };
  EXPECT_THAT(
      failure(api_->any(Convert<std::vector<int>>::encode(six)).as<std::vector<int>>().map(note)),
      HasSubstr("RangeError: This map() takes more than 10 steps"));
  EXPECT_TRUE(directory_->notes.empty());
  await(api_->any(Convert<std::vector<int>>::encode(five)).as<std::vector<int>>().map(note));
  EXPECT_EQ(directory_->notes.size(), 5U);
}

TEST_F(BoundedMap, CountsNestedMapsToo_R7_L8) {
  auto nested = [&](std::size_t size) {
    const std::vector<std::vector<int>> teams(2, std::vector<int>(size));
    auto all = api_->any(to_value(teams)).as<std::vector<std::vector<int>>>();
    return failure(all.map([](auto team) { return team.map([](auto id) { return id; }); }));
  };
  EXPECT_EQ(nested(3), "");
  EXPECT_THAT(nested(4), HasSubstr("RangeError: This map() takes more than 10 steps"));
}

}  // namespace
}  // namespace capnweb::testing
