// room.hpp: an object to be shared, for the tests of this folder.
#pragma once

#include <capnweb/contract.hpp>
#include <capnweb/function.hpp>
#include <capnweb/stream.hpp>
#include <capnweb/stub.hpp>
#include <capnweb/task.hpp>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace capnweb::testing {

struct Visitor {
  explicit Visitor(std::string name = "nobody", std::function<void()> end = {})
      : name_(std::move(name)), on_end(std::move(end)) {}
  ~Visitor() {
    if (on_end) on_end();
  }
  Visitor(const Visitor&) = delete;
  Visitor& operator=(const Visitor&) = delete;

  std::string name() const { return name_; }
  struct Rpc {
    Method<&Visitor::name> name;
  };

 private:
  std::string name_;
  std::function<void()> on_end;
};

// Tells `on_end` of its end, on the thread where that happens.
class Room {
 public:
  explicit Room(std::function<void()> end = {}) : on_end(std::move(end)) {}
  ~Room() {
    if (on_end) on_end();
  }
  Room(const Room&) = delete;
  Room& operator=(const Room&) = delete;

  Value echo(Value value) { return value; }
  double add(double a, double b) const { return a + b; }
  std::vector<int> numbers() const { return {1, 2, 3}; }
  // Calls are logged in the order of their arrival.
  void say(int line) { said.push_back(line); }
  std::vector<int> log() const { return said; }
  Task<std::string> greet(Stub<Visitor> visitor) {
    auto name = visitor->name();
    co_return "Hello " + co_await name;
  }
  std::shared_ptr<Visitor> visitor(std::string name) {
    return std::make_shared<Visitor>(std::move(name), on_end);
  }
  void keep(Stub<Visitor> visitor) { kept = std::move(visitor); }
  Stub<Visitor> take() { return std::move(kept); }
  bool is_same(Stub<Visitor> visitor) const { return visitor == kept; }
  Task<double> ask(Function<double(double)> question, double number) {
    auto answer = question(number);
    co_return co_await answer;
  }
  Task<> wait_for_ever() {
    auto [promise, resolver] = make_promise<void>();
    waiting.push_back(std::move(resolver));
    co_await promise;
  }
  void fail() const {
    throw Error::range_error("no").set_property("code", "E").set_property("cause", Error("why"));
  }
  Task<std::string> read(ReadableStream<std::string> stream) {
    std::string all;
    for (;;) {
      auto next = stream.read();
      auto chunk = co_await next;
      if (!chunk) break;
      all += *chunk;
    }
    co_return all;
  }

  struct Rpc {
    Method<&Room::echo> echo;
    Method<&Room::add> add;
    Method<&Room::numbers> numbers;
    Method<&Room::say> say;
    Method<&Room::log> log;
    Method<&Room::greet> greet;
    Method<&Room::visitor> visitor;
    Method<&Room::keep> keep;
    Method<&Room::take> take;
    Method<&Room::is_same, "isSame"> is_same;
    Method<&Room::ask> ask;
    Method<&Room::wait_for_ever, "waitForEver"> wait_for_ever;
    Method<&Room::fail> fail;
    Method<&Room::read> read;
  };

  std::function<void()> on_end;

 private:
  std::vector<int> said;
  Stub<Visitor> kept;
  std::vector<PromiseResolver<void>> waiting;
};

}  // namespace capnweb::testing
