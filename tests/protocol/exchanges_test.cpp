// exchanges_test.cpp: whole exchanges, text for text as the reference makes them (X-1 to X-28).
#include <gtest/gtest.h>

#include <capnweb/capnweb.hpp>

#include "support/pair.hpp"
#include "support/start.hpp"

namespace capnweb::testing {
namespace {

struct User {
  int id = 7;
};
struct Profile {
  int id = 0;
  std::string bio;
};
struct Nested {
  int a = 1;
  Promise<int> p;
};

class Counter {
 public:
  Counter(int value, std::string* log) : value_(value), log_(log) {}
  ~Counter() {
    if (log_) *log_ += "# counter disposed\n";
  }
  int inc(std::optional<int> by) { return value_ += by.value_or(1); }

  struct Rpc {
    Method<&Counter::inc> inc;
  };

 private:
  int value_;
  std::string* log_;
};

struct Counters {
  Stub<Counter> a, b;
};

class Server {
 public:
  explicit Server(std::string* log = nullptr) : log_(log) {}
  ~Server() {
    if (log_) *log_ += "# main disposed\n";
  }

  double add(double a, double b) const { return a + b; }
  std::string name() const { return "srv"; }
  std::shared_ptr<Counter> counter(int start) const {
    return std::make_shared<Counter>(start, log_);
  }
  User user() const { return {}; }
  Profile profile(int id) const { return {id, "x"}; }
  Task<std::string> each(Function<void(int)> callback) const {
    for (int i = 1; i <= 2; ++i) co_await callback(i);
    co_return "ok";
  }
  std::string subscribe(Function<int(int)> callback) {
    kept = std::move(callback);
    return "subscribed";
  }
  Counters ctrs() const {
    auto shared = std::make_shared<Counter>(0, log_);
    return {Stub<Counter>(shared), Stub<Counter>(std::make_shared<Counter>(0, log_))};
  }
  void fail() const { throw Error::range_error("bad").set_property("code", 5); }
  Promise<int> use(Stub<Counter> counter) const { return counter->inc(10); }
  Value echo(Value value) const { return value; }
  Nested nest() { return {1, later.first}; }
  Promise<int> slow() { return later.first; }
  Promise<int> hang() { return later.first; }
  std::vector<int> ids() const { return {1, 2}; }
  int sq(int i) const { return i * i; }
  std::vector<std::vector<int>> teams() const { return {{1, 2}, {3}}; }

  std::optional<Function<int(int)>> kept;
  std::pair<Promise<int>, PromiseResolver<int>> later = make_promise<int>();

  struct Rpc {
    Method<&Server::add> add;
    Property<&Server::name> name;
    Method<&Server::counter> counter;
    Method<&Server::user> user;
    Method<&Server::profile> profile;
    Method<&Server::each> each;
    Method<&Server::subscribe> subscribe;
    Method<&Server::ctrs> ctrs;
    Method<&Server::fail> fail;
    Method<&Server::use> use;
    Method<&Server::echo> echo;
    Method<&Server::nest> nest;
    Method<&Server::slow> slow;
    Method<&Server::hang> hang;
    Method<&Server::ids> ids;
    Method<&Server::sq> sq;
    Property<&Server::teams> teams;
  };

 private:
  std::string* log_;
};

// Alice calls a Server of Bob's.
struct Exchange : Pair {
  Exchange() : Exchange(std::make_shared<Server>()) {}
  explicit Exchange(std::shared_ptr<Server> main)
      : Pair(Convert<Stub<Server>>::encode(Stub<Server>(main))), server(main.get()) {}

  Stub<Server> api() const { return alice.remote_main().as<Server>(); }

  // Runs a client to its end and gives what crossed.
  template <class Client>
  std::string run_client(Client client) {
    bool is_done = false;
    start(client(api()), &is_done);
    run();
    EXPECT_TRUE(is_done);
    return take_log();
  }

  Server* server;
};

TEST(Exchange, OneCall_X1) {
  Exchange exchange;
  EXPECT_EQ(exchange.run_client(
                [](Stub<Server> api) -> Task<> { EXPECT_EQ(co_await api->add(2, 3), 5); }),
            R"(> ["push",["pipeline",0,["add"],[2,3]]]
> ["pull",1]
< ["resolve",1,5]
> ["release",1,1]
)");
}

TEST(Exchange, PropertyGet_X2) {
  Exchange exchange;
  EXPECT_EQ(
      exchange.run_client([](Stub<Server> api) -> Task<> { EXPECT_EQ(co_await api->name, "srv"); }),
      R"(> ["push",["pipeline",0,["name"]]]
> ["pull",1]
< ["resolve",1,"srv"]
> ["release",1,1]
)");
}

TEST(Exchange, PipelinedCallOnAResult_X3) {
  std::string disposed;
  Exchange exchange(std::make_shared<Server>(&disposed));
  EXPECT_EQ(exchange.run_client([](Stub<Server> api) -> Task<> {
    auto counter = api->counter(5);
    EXPECT_EQ(co_await counter->inc(2), 7);
  }),
            R"(> ["push",["pipeline",0,["counter"],[5]]]
> ["push",["pipeline",1,["inc"],[2]]]
> ["pull",2]
< ["resolve",2,7]
> ["release",2,1]
> ["release",1,1]
)");
  EXPECT_EQ(disposed, "# counter disposed\n");
}

TEST(Exchange, PropertyOfAPromiseAsArgument_X4) {
  Exchange exchange;
  EXPECT_EQ(exchange.run_client([](Stub<Server> api) -> Task<> {
    auto user = api->user();
    Profile profile = co_await api->profile(user[&User::id]);
    EXPECT_EQ(profile.bio, "x");
  }),
            R"(> ["push",["pipeline",0,["user"],[]]]
> ["push",["pipeline",0,["profile"],[["pipeline",1,["id"]]]]]
> ["pull",2]
< ["resolve",2,{"id":7,"bio":"x"}]
> ["release",2,1]
> ["release",1,1]
)");
}

TEST(Exchange, CallbackAsAnArgument_X5) {
  Exchange exchange;
  std::vector<int> seen;
  EXPECT_EQ(exchange.run_client([&seen](Stub<Server> api) -> Task<> {
    auto callback = [&seen](int i) { seen.push_back(i); };
    EXPECT_EQ(co_await api->each(callback), "ok");
  }),
            R"(> ["push",["pipeline",0,["each"],[["export",-1]]]]
> ["pull",1]
< ["push",["pipeline",-1,[],[1]]]
< ["pull",1]
> ["resolve",1,["undefined"]]
< ["release",1,1]
< ["push",["pipeline",-1,[],[2]]]
< ["pull",2]
> ["resolve",2,["undefined"]]
< ["release",2,1]
< ["release",-1,1]
< ["resolve",1,"ok"]
> ["release",1,1]
)");
  EXPECT_EQ(seen, (std::vector<int>{1, 2}));
}

TEST(Exchange, CallbackKeptByTheServer_X6) {
  Exchange exchange;
  std::string log = exchange.run_client([](Stub<Server> api) -> Task<> {
    auto callback = [](int i) { return i; };
    EXPECT_EQ(co_await api->subscribe(callback), "subscribed");
  });
  start([](Server& server) -> Task<> {
    EXPECT_EQ(co_await (*server.kept)(1), 1);
    server.kept.reset();
  }(*exchange.server));
  exchange.run();
  EXPECT_EQ(log + exchange.take_log(), R"(> ["push",["pipeline",0,["subscribe"],[["export",-1]]]]
> ["pull",1]
< ["resolve",1,"subscribed"]
> ["release",1,1]
< ["push",["pipeline",-1,[],[1]]]
< ["pull",1]
> ["resolve",1,1]
< ["release",1,1]
< ["release",-1,1]
)");
}

TEST(Exchange, CopiesOfAReturnedStub_X7_O12) {
  std::string disposed;
  Exchange exchange(std::make_shared<Server>(&disposed));
  EXPECT_EQ(exchange.run_client([](Stub<Server> api) -> Task<> {
    auto first = std::make_unique<Stub<Counter>>(co_await api->counter(5));
    auto second = *first;
    first.reset();
    EXPECT_EQ(co_await second->inc(), 6);
  }),
            R"(> ["push",["pipeline",0,["counter"],[5]]]
> ["pull",1]
< ["resolve",1,["export",-1]]
> ["release",1,1]
> ["push",["pipeline",-1,["inc"],[]]]
> ["pull",2]
< ["resolve",2,6]
> ["release",2,1]
> ["release",-1,1]
)");
  EXPECT_EQ(disposed, "# counter disposed\n");
}

TEST(Exchange, TwoTargetsInAResult_X8) {
  std::string disposed;
  Exchange exchange(std::make_shared<Server>(&disposed));
  EXPECT_EQ(exchange.run_client([](Stub<Server> api) -> Task<> {
    Counters both = co_await api->ctrs();
    both.a = both.b;  // the first is released first
  }),
            R"(> ["push",["pipeline",0,["ctrs"],[]]]
> ["pull",1]
< ["resolve",1,{"a":["export",-1],"b":["export",-2]}]
> ["release",1,1]
> ["release",-1,1]
> ["release",-2,1]
)");
  EXPECT_EQ(disposed, "# counter disposed\n# counter disposed\n");
}

TEST(Exchange, AnError_X9) {
  Exchange exchange;
  EXPECT_EQ(exchange.run_client([](Stub<Server> api) -> Task<> {
    std::string failure;
    try {
      co_await api->fail();
    } catch (const Error& error) {
      failure = error.what();
      EXPECT_EQ(*error.properties().find("code"), Value(5));
    }
    EXPECT_EQ(failure, "RangeError: bad");
  }),
            R"(> ["push",["pipeline",0,["fail"],[]]]
> ["pull",1]
< ["reject",1,["error","RangeError","bad",null,{"code":5}]]
> ["release",1,1]
)");
}

TEST(Exchange, MissingMethodOfAPipelinedValue_X10) {
  Exchange exchange;
  std::string log = exchange.run_client([](Stub<Server> api) -> Task<> {
    Stub<> any = api;
    std::string failure;
    auto user = std::make_unique<Promise<Value>>(any.call("user"));
    try {
      co_await user->call("nope");
    } catch (const Error& error) {
      failure = error.what();
    }
    EXPECT_EQ(failure, "TypeError: 'nope' is not a function.");
  });
  EXPECT_EQ(log,
            R"(> ["push",["pipeline",0,["user"],[]]]
> ["push",["pipeline",1,["nope"],[]]]
> ["pull",2]
< ["reject",2,["error","TypeError","'nope' is not a function."]]
> ["release",2,1]
> ["release",1,1]
)");
}

TEST(Exchange, StubPassedBackToItsOwner_X11) {
  std::string disposed;
  Exchange exchange(std::make_shared<Server>(&disposed));
  EXPECT_EQ(exchange.run_client([](Stub<Server> api) -> Task<> {
    auto counter = co_await api->counter(5);
    EXPECT_EQ(co_await api->use(counter), 15);
  }),
            R"(> ["push",["pipeline",0,["counter"],[5]]]
> ["pull",1]
< ["resolve",1,["export",-1]]
> ["release",1,1]
> ["push",["pipeline",0,["use"],[["import",-1]]]]
> ["pull",2]
< ["resolve",2,15]
> ["release",2,1]
> ["release",-1,1]
)");
  EXPECT_EQ(disposed, "# counter disposed\n");
}

TEST(Exchange, PromiseOfTheClientAsArgument_X12) {
  Exchange exchange;
  auto [promise, resolver] = make_promise<Value>();
  bool is_done = false;
  auto client = [](Stub<Server> api, Promise<Value> argument) -> Task<> {
    Value echoed = co_await api->echo(argument);
    EXPECT_EQ(echoed, Value(Object{{"v", 1}}));
  };
  start(client(exchange.api(), promise), &is_done);
  exchange.run();
  resolver.resolve(Value(Object{{"v", 1}}));
  exchange.run();
  EXPECT_TRUE(is_done);
  EXPECT_EQ(exchange.take_log(), R"(> ["push",["pipeline",0,["echo"],[["promise",-1]]]]
> ["pull",1]
> ["resolve",-1,{"v":1}]
< ["release",-1,1]
< ["resolve",1,{"v":1}]
> ["release",1,1]
)");
}

TEST(Exchange, MapOverAnArrayWithACapture_X13_R11) {
  Exchange exchange;
  EXPECT_EQ(exchange.run_client([](Stub<Server> api) -> Task<> {
    auto ids = api->ids();
    auto squares = co_await ids.map([&](auto i) { return api->sq(i); });
    EXPECT_EQ(squares, (std::vector<int>{1, 4}));
  }),
            R"(> ["push",["pipeline",0,["ids"],[]]]
> ["push",["remap",1,[],[["import",0]],[["pipeline",-1,["sq"],[["pipeline",0]]],["pipeline",1]]]]
> ["pull",2]
< ["resolve",2,[[["promise",-1],["promise",-2]]]]
> ["release",2,1]
< ["resolve",-1,1]
> ["release",-1,1]
< ["resolve",-2,4]
> ["release",-2,1]
> ["release",1,1]
)");
}

// The reference's server sends a second push for the result of each call, ["pipeline",1,[]], and
// releases the first; ours passes the first one on.
TEST(Exchange, MapWithAStubOfTheClientCaptured_X14_R15) {
  Exchange exchange;
  EXPECT_EQ(exchange.run_client([](Stub<Server> api) -> Task<> {
    Stub<Counter> local(std::make_shared<Counter>(0, nullptr));
    auto pairs =
        co_await api->ids().map([&](Promise<int> i) { return std::tuple(i, local->inc(i)); });
    EXPECT_EQ(pairs, (std::vector{std::tuple(1, 1), std::tuple(2, 3)}));
  }),
            R"(> ["push",["pipeline",0,["ids"],[]]]
> ["push",["remap",1,[],[["export",-1]],[["pipeline",-1,["inc"],[["pipeline",0]]],[[["pipeline",0],["pipeline",1]]]]]]
> ["pull",2]
< ["push",["pipeline",-1,["inc"],[["promise",-1]]]]
< ["push",["pipeline",-1,["inc"],[["promise",-2]]]]
< ["release",-1,1]
< ["resolve",-1,1]
> ["release",-1,1]
< ["resolve",-2,2]
> ["release",-2,1]
< ["resolve",2,[[[[["promise",-3],["pipeline",1]]],[[["promise",-4],["pipeline",2]]]]]]
> ["release",2,1]
< ["resolve",-3,1]
> ["release",-3,1]
< ["resolve",-4,2]
> ["release",-4,1]
> ["release",1,1]
< ["release",1,1]
< ["release",2,1]
)");
}

TEST(Exchange, NestedMap_X26) {
  Exchange exchange;
  EXPECT_EQ(
      exchange.run_client([](Stub<Server> api) -> Task<> {
        auto squares = co_await api->teams.map(
            [&](auto team) { return team.map([&](auto i) { return api->sq(i); }); });
        EXPECT_EQ(squares, (std::vector<std::vector<int>>{{1, 4}, {9}}));
      }),
      R"(> ["push",["remap",0,["teams"],[["import",0]],[["remap",0,[],[["import",-1]],[["pipeline",-1,["sq"],[["pipeline",0]]],["pipeline",1]]],["pipeline",1]]]]
> ["pull",1]
< ["resolve",1,[[["promise",-1],["promise",-2]]]]
> ["release",1,1]
< ["resolve",-1,[[["promise",-3],["promise",-4]]]]
> ["release",-1,1]
< ["resolve",-2,[[["promise",-5]]]]
> ["release",-2,1]
< ["resolve",-3,1]
> ["release",-3,1]
< ["resolve",-4,4]
> ["release",-4,1]
< ["resolve",-5,9]
> ["release",-5,1]
)");
}

TEST(Exchange, PromiseDroppedWhileTheCallRuns_X18) {
  Exchange exchange;
  {
    auto promise = exchange.api()->slow();
    detail::Delivery waiting(promise.ref());
    waiting.start([](void*) noexcept { FAIL(); }, nullptr);
  }
  exchange.run();
  exchange.server->later.second.resolve(1);
  exchange.run();
  EXPECT_EQ(exchange.take_log(), R"(> ["push",["pipeline",0,["slow"],[]]]
> ["pull",1]
> ["release",1,1]
< ["resolve",1,1]
)");
  EXPECT_EQ(exchange.bob.stats(), (Session::Stats{1, 1}));
}

TEST(Exchange, ThreeParties_X19_C38) {
  std::string disposed;
  Exchange a(std::make_shared<Server>(&disposed));
  Exchange b;
  bool is_done = false;
  auto client = [](Stub<Server> at_a, Stub<Server> at_b) -> Task<> {
    auto counter = co_await at_a->counter(5);
    EXPECT_EQ(co_await at_b->use(counter), 15);
  };
  start(client(a.api(), b.api()), &is_done);
  for (int i = 0; i < 4; ++i) {
    a.run();
    b.run();
  }
  EXPECT_TRUE(is_done);
  EXPECT_EQ(a.take_log(), R"(> ["push",["pipeline",0,["counter"],[5]]]
> ["pull",1]
< ["resolve",1,["export",-1]]
> ["release",1,1]
> ["push",["pipeline",-1,["inc"],[10]]]
> ["pull",2]
< ["resolve",2,15]
> ["release",2,1]
> ["release",-1,1]
)");
  EXPECT_EQ(b.take_log(), R"(> ["push",["pipeline",0,["use"],[["export",-1]]]]
> ["pull",1]
< ["push",["pipeline",-1,["inc"],[10]]]
< ["release",-1,1]
< ["pull",1]
> ["resolve",1,15]
< ["release",1,1]
< ["resolve",1,15]
> ["release",1,1]
)");
  EXPECT_EQ(disposed, "# counter disposed\n");
}

TEST(Exchange, AbortOnABadMessage_X20) {
  Wire server(Convert<Stub<Server>>::encode(Stub<Server>(std::make_shared<Server>())));
  EXPECT_EQ(server.send({R"(["push",["pipeline",0,["add"],[1,2]]])", R"(["pull",1])",
                         R"(["release",9,1])", R"(["push",5])"}),
            R"(["resolve",1,3]
["abort",["error","Error","no such export ID: 9"]]
)");
  ASSERT_TRUE(server.session.end_reason());
  EXPECT_EQ(server.session.end_reason()->message(), "no such export ID: 9");
}

TEST(Exchange, PromiseNestedInAResult_X25) {
  Exchange exchange;
  bool is_done = false;
  start(
      [](Stub<Server> api) -> Task<> {
        Value result = co_await Stub<>(api).call("nest");
        EXPECT_EQ(result, Value(Object{{"a", 1}, {"p", 7}}));
      }(exchange.api()),
      &is_done);
  exchange.run();
  EXPECT_FALSE(is_done);
  exchange.server->later.second.resolve(7);
  exchange.run();
  EXPECT_TRUE(is_done);
  EXPECT_EQ(exchange.take_log(), R"(> ["push",["pipeline",0,["nest"],[]]]
> ["pull",1]
< ["resolve",1,{"a":1,"p":["promise",-1]}]
> ["release",1,1]
< ["resolve",-1,7]
> ["release",-1,1]
)");
}

TEST(Exchange, WhenAllAsksForEverythingAtOnce) {
  Exchange exchange;
  EXPECT_EQ(exchange.run_client([](Stub<Server> api) -> Task<> {
    auto first = api->add(1, 2);
    auto counter = api->counter(3);
    auto second = counter->inc(4);
    auto [three, seven] = co_await when_all(first, second);
    EXPECT_EQ(three, 3);
    EXPECT_EQ(seven, 7);
  }),
            R"(> ["push",["pipeline",0,["add"],[1,2]]]
> ["push",["pipeline",0,["counter"],[3]]]
> ["push",["pipeline",2,["inc"],[4]]]
> ["pull",1]
> ["pull",3]
< ["resolve",1,3]
> ["release",1,1]
< ["resolve",3,7]
> ["release",3,1]
> ["release",2,1]
)");
}

TEST(Exchange, WhenAllThrowsTheFirstFailureOfItsOrder) {
  Exchange exchange;
  exchange.run_client([](Stub<Server> api) -> Task<> {
    std::string failure;
    auto good = api->add(1, 2);
    auto bad = api->fail();
    try {
      co_await when_all(good, bad);
    } catch (const Error& error) {
      failure = error.what();
    }
    EXPECT_EQ(failure, "RangeError: bad");
  });
}

TEST(Exchange, SessionClosedByItsClient_X27_O18_M41_E7) {
  std::string disposed;
  Exchange exchange(std::make_shared<Server>(&disposed));
  std::string failure;
  start([](Stub<Server> api, std::string& text) -> Task<> {
    try {
      co_await api->hang();
    } catch (const Error& error) {
      text = error.what();
    }
  }(exchange.api(), failure));
  exchange.run();
  exchange.alice.close();
  EXPECT_EQ(failure, "RPC session was shut down by disposing the main stub");
  exchange.bob.disconnected(
      Error("Peer closed WebSocket: 3000 RPC session was shut down by disposing the main stub"));
  exchange.run();
  EXPECT_EQ(exchange.take_log(), R"(> ["push",["pipeline",0,["hang"],[]]]
> ["pull",1]
< ["abort",["error","Error","Peer closed WebSocket: 3000 RPC session was shut down by disposing the main stub"]]
)");
  EXPECT_EQ(disposed, "# main disposed\n");
}

}  // namespace
}  // namespace capnweb::testing
