// test_target.hpp: what the servers of the interop scenarios offer: the interface of the
// reference's own test server, and what else the scenarios need. ts_server.mjs holds the same in
// TypeScript.
#pragma once

#include <capnweb/capnweb.hpp>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace interop {

using capnweb::Function;
using capnweb::Method;
using capnweb::Promise;
using capnweb::Property;
using capnweb::Stub;
using capnweb::Task;
using capnweb::Value;

class Counter {
 public:
  explicit Counter(double count) : count_(count) {}

  double increment(std::optional<double> amount) { return count_ += amount.value_or(1); }
  double value() const { return count_; }

  struct Rpc {
    Method<&Counter::increment> increment;
    Property<&Counter::value> value;
  };

 private:
  double count_;
};

// What all sessions of the process share: references that outlive their session, and the ends of
// objects that somebody waits for.
class Registry {
 public:
  void release(const std::string& name) { latch(name).resolver.resolve(); }
  Promise<void> released(const std::string& name) { return latch(name).promise; }

  std::map<std::string, Function<Value(Value)>> kept;

 private:
  struct Latch {
    explicit Latch(std::pair<Promise<void>, capnweb::PromiseResolver<void>> ends)
        : promise(std::move(ends.first)), resolver(std::move(ends.second)) {}
    Promise<void> promise;
    capnweb::PromiseResolver<void> resolver;
  };
  Latch& latch(const std::string& name) {
    const auto found = latches_.find(name);
    if (found != latches_.end()) return found->second;
    return latches_.emplace(name, capnweb::make_promise<void>()).first->second;
  }

  std::map<std::string, Latch> latches_;
};

// An object that tells the registry when it is released.
class Held {
 public:
  Held(std::shared_ptr<Registry> registry, std::string name)
      : registry_(std::move(registry)), name_(std::move(name)) {}
  Held(const Held&) = delete;
  Held& operator=(const Held&) = delete;
  ~Held() { registry_->release(name_); }

  std::string name() const { return name_; }

  struct Rpc {
    Method<&Held::name> name;
  };

 private:
  std::shared_ptr<Registry> registry_;
  std::string name_;
};

class TestTarget {
 public:
  explicit TestTarget(std::shared_ptr<Registry> registry) : registry_(std::move(registry)) {}

  double square(double i) const { return i * i; }
  Value call_square(const Stub<TestTarget>& self, double i) const;
  Task<Value> call_function(Function<Value(Value)> function, Value argument) const;
  void throw_error() const { throw capnweb::Error::range_error("test error"); }
  std::unique_ptr<Counter> make_counter(std::optional<double> count) const {
    return std::make_unique<Counter>(count.value_or(0));
  }
  Promise<double> increment_counter(const Stub<Counter>& counter,
                                    std::optional<double> amount) const {
    return counter->increment(amount.value_or(1));
  }
  std::vector<double> generate_fibonacci(int length) const;
  Value return_null() const { return nullptr; }
  Value return_undefined() const { return {}; }
  double return_number(double i) const { return i; }
  Value echo(Value value) const { return value; }

  // Throws what it was given.
  void fail(Value value) const { throw capnweb::Error::thrown(std::move(value)); }
  // Calls a function and does not wait for it.
  void notify(const Function<Value(Value)>& function, Value value) const {
    function(std::move(value)).detach();
  }
  // Keeps a function past the call.
  void keep(std::string name, Function<Value(Value)> function) {
    registry_->kept.insert_or_assign(std::move(name), std::move(function));
  }
  Promise<Value> call_kept(const std::string& name, Value value) const {
    return registry_->kept.at(name)(std::move(value));
  }
  void drop_kept(const std::string& name) { registry_->kept.erase(name); }
  // Streams
  capnweb::Generator<double> count_to(double last) const;
  Task<double> sum_of(capnweb::ReadableStream<double> numbers) const;
  Task<std::string> fill(capnweb::WritableStream<double> out, double last) const;
  Task<> abandon(capnweb::WritableStream<double> out) const;
  Task<Value> first_of(capnweb::ReadableStream<> values) const;
  capnweb::Generator<double> failing_stream() const;
  // Calls each function of a stream with the number of its chunk.
  Task<capnweb::Array> call_each(capnweb::ReadableStream<Function<Value(double)>> functions) const;
  capnweb::Blob echo_blob(capnweb::Blob blob) const { return blob; }
  std::string describe_blob(const capnweb::Blob& blob) const;
  Task<std::string> describe_request(capnweb::Request request) const;
  capnweb::Response make_response(std::string text, int status) const;

  // An object, and whether it has been released.
  std::unique_ptr<Held> hold(std::string name) const {
    return std::make_unique<Held>(registry_, std::move(name));
  }
  Promise<void> released(const std::string& name) const { return registry_->released(name); }

  struct Rpc {
    Method<&TestTarget::square> square;
    Method<&TestTarget::call_square, "callSquare"> call_square;
    Method<&TestTarget::call_function, "callFunction"> call_function;
    Method<&TestTarget::throw_error, "throwError"> throw_error;
    Method<&TestTarget::make_counter, "makeCounter"> make_counter;
    Method<&TestTarget::increment_counter, "incrementCounter"> increment_counter;
    Method<&TestTarget::generate_fibonacci, "generateFibonacci"> generate_fibonacci;
    Method<&TestTarget::return_null, "returnNull"> return_null;
    Method<&TestTarget::return_undefined, "returnUndefined"> return_undefined;
    Method<&TestTarget::return_number, "returnNumber"> return_number;
    Method<&TestTarget::echo> echo;
    Method<&TestTarget::fail> fail;
    Method<&TestTarget::notify> notify;
    Method<&TestTarget::keep> keep;
    Method<&TestTarget::call_kept, "callKept"> call_kept;
    Method<&TestTarget::drop_kept, "dropKept"> drop_kept;
    Method<&TestTarget::count_to, "countTo"> count_to;
    Method<&TestTarget::sum_of, "sumOf"> sum_of;
    Method<&TestTarget::fill> fill;
    Method<&TestTarget::abandon> abandon;
    Method<&TestTarget::first_of, "firstOf"> first_of;
    Method<&TestTarget::failing_stream, "failingStream"> failing_stream;
    Method<&TestTarget::call_each, "callEach"> call_each;
    Method<&TestTarget::echo_blob, "echoBlob"> echo_blob;
    Method<&TestTarget::describe_blob, "describeBlob"> describe_blob;
    Method<&TestTarget::describe_request, "describeRequest"> describe_request;
    Method<&TestTarget::make_response, "makeResponse"> make_response;
    Method<&TestTarget::hold> hold;
    Method<&TestTarget::released> released;
  };

 private:
  std::shared_ptr<Registry> registry_;
};

}  // namespace interop
