#include "protocol/fixture.hpp"

#include <capnweb/generator.hpp>
#include <capnweb/serialize.hpp>
#include <capnweb/start.hpp>
#include <capnweb/stream.hpp>
#include <stdexcept>
#include <utility>

namespace capnweb::testing {

namespace {

using State = std::shared_ptr<FixtureState>;

Value at(Array& arguments, std::size_t index) {
  return index < arguments.size() ? std::move(arguments[index]) : Value();
}

std::function<void()> note_end(const State& state, std::string what) {
  return [state, what] { state->events.push_back(what + " disposed"); };
}

Value make_counter(const State& state, double start) {
  auto count = std::make_shared<double>(start);
  return target(
      {{"inc", [count](Array& a) { return Value(*count += a.empty() ? 1 : a[0].get<double>()); }},
       {"itself", [](Array& a) { return at(a, 0); }}},
      note_end(state, "counter"), {{"value", [count] { return Value(*count); }}});
}

Value call_first(Array& arguments) {
  const Value callee = at(arguments, 0);
  Array rest(std::make_move_iterator(arguments.begin() + 1),
             std::make_move_iterator(arguments.end()));
  return promise(hook_of(callee)->call({}, detail::Arguments{std::move(rest)}));
}

Value make_user(const State& state) {
  return Value(Object{
      {"id", 7},
      {"name", "Ada"},
      {"tags", Array{"x", "y"}},
      {"add", function([](Array& a) { return Value(a[0].get<double>() + a[1].get<double>()); })},
      {"counter", make_counter(state, 1)}});
}

Value fail_with(Array& arguments) {
  Value value = at(arguments, 0);
  if (auto* error = value.get_if<Error>()) throw Error(*error);
  throw Error::thrown(std::move(value));
}

std::map<std::string, TestObject::Handler, std::less<>> keeping_methods(const State& state) {
  return {
      {"keep",
       [state](Array& a) {
         state->kept = at(a, 0);
         return Value("kept");
       }},
      {"take_kept", [state](Array&) { return state->kept; }},
      {"drop_kept",
       [state](Array&) {
         state->kept = Value();
         return Value();
       }},
      {"call_kept",
       [state](Array& a) {
         return promise(hook_of(state->kept)->call({}, detail::Arguments{std::move(a)}));
       }},
      {"later",
       [state](Array&) {
         state->later = std::make_unique<detail::Resolver>();
         return promise(state->later->promise());
       }},
      {"nest",
       [state](Array&) {
         state->later = std::make_unique<detail::Resolver>();
         return Value(Object{{"a", 1}, {"p", promise(state->later->promise())}});
       }},
      {"settle",
       [state](Array& a) {
         state->later->resolve(at(a, 0));
         return Value();
       }},
      {"fail_later",
       [state](Array&) {
         state->later->reject(Error::type_error("too late"));
         return Value();
       }},
  };
}

Task<Value> read_all(ReadableStream<> stream) {
  Array chunks;
  while (auto chunk = co_await stream.read()) chunks.push_back(*std::move(chunk));
  co_return Value(std::move(chunks));
}

// The guard ends with the source, also if that is never read.
Generator<Value> count_to_two(std::shared_ptr<void>) {
  for (int i = 1; i <= 2; ++i) co_yield i;
}

Value make_noting_sink(const State& state) {
  return make_sink<>([state](Value chunk) { state->events.push_back("chunk " + serialize(chunk)); },
                     [state] { state->events.push_back("closed"); },
                     [state](const Error& reason) {
                       state->events.push_back(std::string("aborted: ") + reason.what());
                     });
}

std::map<std::string, TestObject::Handler, std::less<>> stream_methods(const State& state) {
  return {
      {"read",
       [](Array& a) {
         return promise(start(read_all(from_value<ReadableStream<>>(at(a, 0)))).ref().hook);
       }},
      {"sink", [state](Array&) { return make_noting_sink(state); }},
      {"count",
       [state](Array&) {
         const std::shared_ptr<void> guard(nullptr,
                                           [end = note_end(state, "source")](void*) { end(); });
         return Value(ReadableStream<>(count_to_two(guard)));
       }},
  };
}

}  // namespace

Value make_fixture(std::shared_ptr<FixtureState> state) {
  auto methods = keeping_methods(state);
  methods.merge(stream_methods(state));
  methods.merge(std::map<std::string, TestObject::Handler, std::less<>>{
      {"add",
       [](Array& a) {
         return a.size() < 2 ? Value(std::nan("")) : Value(a[0].get<double>() + a[1].get<double>());
       }},
      {"echo", [](Array& a) { return at(a, 0); }},
      {"arguments", [](Array& a) { return Value(std::move(a)); }},
      {"counter", [state](Array& a) { return make_counter(state, at(a, 0).get<double>()); }},
      {"twins",
       [state](Array&) {
         Value one = make_counter(state, 1);
         return Value(Object{{"a", one}, {"b", one}});
       }},
      {"user", [state](Array&) { return make_user(state); }},
      {"nothing", [](Array&) { return Value(); }},
      {"null", [](Array&) { return Value::null(); }},
      {"fail", [](Array&) -> Value { throw Error::range_error("bad").set_property("code", 5); }},
      {"fail_with", fail_with},
      {"foreign", [](Array&) -> Value { throw std::runtime_error("secret"); }},
      {"call_it", call_first},
      {"note",
       [state](Array& a) {
         const Value noted = at(a, 0);
         const bool is_plain = !noted.get_if<detail::StubRef>();
         state->events.push_back("note " + (is_plain ? serialize(noted) : "can't be written"));
         return Value();
       }},
  });
  return target(std::move(methods), note_end(state, "main"),
                {{"name", [] { return Value("srv"); }},
                 {"pair", [] { return Value(Array{3, 4}); }},
                 {"nested", [] { return Value(Array{Value(Array{1, 2})}); }},
                 {"list", [] { return Value(Array{10, 20, Array{1, 2}}); }},
                 {"user", [state] { return make_user(state); }},
                 {"gone", [] { return Value(); }},
                 {"broken", []() -> Value { throw Error::type_error("no such luck"); }}});
}

}  // namespace capnweb::testing
