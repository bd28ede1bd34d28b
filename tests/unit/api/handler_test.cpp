// handler_test.cpp: what a handler may rely on.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <capnweb/contract.hpp>
#include <capnweb/function.hpp>
#include <memory>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "unit/api/run.hpp"

namespace capnweb::testing {
namespace {

using ::testing::ElementsAre;

struct User {
  int id = 0;
  std::string name = {};
};

// Tells when it goes.
struct Ending {
  explicit Ending(std::vector<std::string>& l, std::string t) : log(l), text(std::move(t)) {}
  Ending(const Ending&) = delete;
  ~Ending() { log.push_back(text); }
  std::vector<std::string>& log;
  std::string text;
};

struct Server {
  std::vector<std::string> log;
  std::pair<Promise<void>, PromiseResolver<void>> gate = make_promise<void>();
  int runs = 0;

  int add(int left, int right) {
    ++runs;
    return left + right;
  }
  int id_of(const User& user) const { return user.id; }
  std::size_t total(const std::vector<User>& users) const { return users.size(); }
  Task<std::size_t> slow_length(const std::string& text, std::string_view view) {
    co_await gate.first;
    co_return text.size() + view.size();
  }
  Task<std::string> slow_view(std::string text, std::string_view view) {
    co_await gate.first;
    co_return text.append(view);
  }
  Task<std::string_view> echo(std::string_view text) {
    co_await gate.first;
    co_return text;
  }
  Task<> hold(Function<void()> callback) {
    Ending ending(log, "frame");
    static_cast<void>(callback);
    co_await gate.first;
  }
  Task<int> watched(int value, std::stop_token stop, std::optional<int> more) {
    co_await gate.first;
    log.push_back(stop.stop_requested() ? "stopped" : "wanted");
    co_return value + more.value_or(0);
  }
  Task<int> at_once(std::stop_token stop) { co_return stop.stop_requested() ? 1 : 0; }
  Promise<std::string> passed_on(Function<std::string()> source) { return source(); }
  void fail() { throw std::runtime_error("secret"); }
  Task<> fail_later() {
    co_await gate.first;
    throw Error::range_error("out");
  }
  Task<> fail_now() {
    throw Error::range_error("now");
    co_return;
  }

  struct Rpc {
    Method<&Server::add, params<"left", "right">> add;
    Method<&Server::id_of> id_of;
    Method<&Server::total> total;
    Method<&Server::slow_length, params<"text", "view">> slow_length;
    Method<&Server::slow_view> slow_view;
    Method<&Server::echo> echo;
    Method<&Server::hold> hold;
    Method<&Server::watched, params<"value", "more">> watched;
    Method<&Server::at_once> at_once;
    Method<&Server::passed_on> passed_on;
    Method<&Server::fail> fail;
    Method<&Server::fail_later> fail_later;
    Method<&Server::fail_now> fail_now;
  };
};

class Handlers : public ::testing::Test {
 protected:
  std::shared_ptr<Server> server_ = std::make_shared<Server>();
  Stub<Server> api_ = server_;
  Stub<> raw_ = api_;
  void open_gate() { server_->gate.second.resolve(); }

  std::string failure_of(Promise<Value> promise) {
    std::string text;
    run([](Promise<Value> p, std::string& t) -> Task<> { t = co_await failure(p); }(promise, text));
    return text;
  }
};

TEST_F(Handlers, DoNotRunWithArgumentsThatDoNotFit) {
  EXPECT_EQ(failure_of(raw_.call("add", 1, "x")),
            "TypeError: Server.add argument 2 (right): expected number, got string");
  EXPECT_EQ(failure_of(raw_.call("add")),
            "TypeError: Server.add argument 1 (left): expected number, got undefined");
  EXPECT_EQ(failure_of(raw_.call("add", 1, 1.5)),
            "TypeError: Server.add argument 2 (right): expected integer from -2147483648 to "
            "2147483647, got 1.5");
  EXPECT_EQ(failure_of(raw_.call("slow_length", "a", 1)),
            "TypeError: Server.slow_length argument 2 (view): expected string, got number");
  EXPECT_EQ(server_->runs, 0);
}

TEST_F(Handlers, SayWhereInsideOfAnArgument) {
  const Object bad{{"id", 1}, {"name", true}};
  EXPECT_EQ(failure_of(raw_.call("id_of", bad)),
            "TypeError: Server.id_of argument 1.name: expected string, got boolean");
  const Object good{{"id", 1}, {"name", "a"}};
  EXPECT_EQ(failure_of(raw_.call("total", Array{good, bad})),
            "TypeError: Server.total argument 1[1].name: expected string, got boolean");
}

TEST_F(Handlers, KeepTheirArgumentsUntilTheyEnd) {
  auto length = api_->slow_length(std::string(40, 'x'), "four");
  auto text = api_->slow_view("a", std::string(50, 'y'));
  auto echo = api_->echo(std::string(60, 'z'));
  open_gate();
  EXPECT_EQ(length.get(), 44u);
  EXPECT_EQ(text.get().size(), 51u);
  EXPECT_EQ(echo.get(), std::string(60, 'z'));
}

TEST_F(Handlers, KeepTheirObjectUntilTheyEnd) {
  auto length = api_->slow_length("abc", "");
  auto gate = server_->gate.first;
  auto resolver = std::move(server_->gate.second);
  const std::weak_ptr<Server> watch = server_;
  api_ = {};
  raw_ = {};
  server_.reset();
  EXPECT_FALSE(watch.expired());
  resolver.resolve();
  EXPECT_EQ(length.get(), 3u);
  EXPECT_TRUE(watch.expired());
}

TEST_F(Handlers, ReleaseTheirArgumentsBeforeTheAnswer_O2) {
  auto& log = server_->log;
  auto ending = std::make_shared<Ending>(log, "argument");
  Function<void()> callback = [ending = std::move(ending)] { static_cast<void>(ending); };
  auto held = api_->hold(callback);
  callback = {};
  held.then([&] { log.emplace_back("answer"); });
  EXPECT_TRUE(log.empty());
  open_gate();
  EXPECT_THAT(log, ElementsAre("frame", "argument", "answer"));
}

TEST_F(Handlers, AreNotDestroyedWhenTheCallerGoes_M25) {
  auto kept = api_->watched(1);
  static_cast<void>(api_->watched(2));
  EXPECT_TRUE(server_->log.empty());
  open_gate();
  EXPECT_THAT(server_->log, ElementsAre("wanted", "stopped"));
  EXPECT_EQ(kept.get(), 1);
}

TEST_F(Handlers, StopTokensAreNotOnTheWire) {
  auto sum = api_->watched(1, 2);
  auto raw = raw_.call<int>("watched", 1, 5);
  open_gate();
  EXPECT_EQ(sum.get(), 3);
  EXPECT_EQ(raw.get(), 6);
  EXPECT_EQ(api_->at_once().get(), 0);
  EXPECT_EQ(failure_of(raw_.call("watched", 1, "x")),
            "TypeError: Server.watched argument 2 (more): expected number, got string");
}

TEST_F(Handlers, MayPassAPromiseOn_C29) {
  auto source = []() -> std::string { return "source"; };
  auto answer = api_->passed_on(source);
  EXPECT_EQ(answer.get(), "source");
}

TEST_F(Handlers, ErrorsRejectTheCall) {
  try {
    api_->fail().get();
    FAIL();
  } catch (const Error& error) {
    EXPECT_TRUE(error.is_foreign());
  }
  EXPECT_EQ(failure_of(api_->fail_now()), "RangeError: now");
  auto later = api_->fail_later();
  open_gate();
  EXPECT_EQ(failure_of(later), "RangeError: out");
}

TEST_F(Handlers, AreDestroyedWithTheLoopTheyRunOn) {
  auto scope = std::make_unique<detail::TaskScope>();
  {
    const detail::TaskScope::Enter enter(*scope);
    for (int i = 0; i < 3; ++i) api_->hold([] {}).detach();
    auto ends = api_->watched(1);
  }
  auto outside = api_->hold([] {});
  auto& log = server_->log;
  scope->destroy_tasks();
  EXPECT_THAT(log, ElementsAre("frame", "frame", "frame"));
  scope.reset();
  open_gate();
  outside.get();
  EXPECT_THAT(log, ElementsAre("frame", "frame", "frame", "frame"));
}

TEST_F(Handlers, LeaveTheirLoopInAnyOrder) {
  detail::TaskScope scope;
  const detail::TaskScope::Enter enter(scope);
  std::vector<std::pair<Promise<void>, PromiseResolver<void>>> gates;
  std::vector<Promise<void>> tasks;
  for (int i = 0; i < 4; ++i) {
    gates.push_back(make_promise<void>());
    Function<void()> waits = [gate = gates.back().first]() -> Task<> { co_await gate; };
    tasks.push_back(waits());
  }
  for (const std::size_t i : {1u, 3u, 0u}) gates[i].second.resolve();
  tasks[1].get();
  tasks[3].get();
  tasks[0].get();
  scope.destroy_tasks();
  EXPECT_THROW(tasks[2].get(), Error);
}

TEST_F(Handlers, RunToTheirFirstSuspensionAtOnce_C23) {
  auto first = api_->hold([] {});
  EXPECT_EQ(server_->log.size(), 0u);
  auto second = api_->add(1, 2);
  EXPECT_EQ(server_->runs, 1);
  open_gate();
}

}  // namespace
}  // namespace capnweb::testing
