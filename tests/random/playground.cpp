#include "random/playground.hpp"

#include <capnweb/detail/resolver.hpp>
#include <capnweb/detail/stream.hpp>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "random/streams.hpp"
#include "support/object.hpp"

namespace capnweb::testing {

namespace {

using detail::HookRef;
using detail::PromiseRef;
using detail::ReadableRef;
using detail::Resolver;
using detail::StubRef;
using detail::WritableRef;

double number(const Value& value) { return value.get<double>(); }

Value meter() {
  auto counts = std::make_shared<std::map<double, double>>();
  return target({{"tick", [counts](Array& a) {
                    double& count = (*counts)[number(a[0])];
                    return Value(number(a[1]) == ++count);
                  }}});
}

Value list(Array& a) {
  Array items;
  for (double i = 1; i <= number(a[0]); ++i) items.emplace_back(i);
  return items;
}

struct State {
  std::map<double, Value> kept;
  std::map<double, Resolver> open;
};

Value call_kept(const State& state, Array& a) {
  const auto found = state.kept.find(number(a[0]));
  if (found == state.kept.end()) throw Error::range_error("nothing is kept there");
  return promise(call(hook_of(found->second), {}, {std::move(a[1])}));
}

Value later(State& state, Array& a) { return promise(state.open[number(a[0])].promise()); }

Value settle(State& state, Array& a) {
  const auto found = state.open.find(number(a[0]));
  if (found == state.open.end()) return false;
  found->second.resolve(std::move(a[1]));
  state.open.erase(found);
  return true;
}

// Everything is pipelined: nothing is waited for here.
Value perform(Array& a) {
  const HookRef peer = hook_of(a[0]);
  const HookRef nested = call(peer, {"nest"}, {a[1]});
  const HookRef meter = nested->get(Path{"meter"});
  const HookRef first = call(meter, {"tick"}, {1, 1});
  const HookRef second = call(meter, {"tick"}, {1, 2});
  const HookRef sum = call(peer, {"add"}, {promise(nested->get(Path{"value"})), a[2]});
  return Array{promise(first), promise(second), promise(sum)};
}

Value fill(Array& a) {
  return promise(write_numbers(a[0].get_if<WritableRef>()->hook, number(a[1]), false));
}

Value total(Array& a) { return promise(sum_of(a[0].get_if<ReadableRef>()->hook)); }

Value numbers(Array& a) {
  auto [readable, writable] = detail::make_stream();
  write_numbers(writable, number(a[0]), false);
  return ReadableRef{readable};
}

}  // namespace

Value make_playground() {
  auto state = std::make_shared<State>();
  return target({
      {"add", [](Array& a) { return Value(number(a[0]) + number(a[1])); }},
      {"echo", [](Array& a) { return std::move(a[0]); }},
      {"list", list},
      {"fail", [](Array& a) -> Value { throw Error::range_error(a[0].get<std::string>()); }},
      {"meter", [](Array&) { return meter(); }},
      {"nest",
       [](Array& a) { return Value(Object{{"value", std::move(a[0])}, {"meter", meter()}}); }},
      {"wrap", [](Array& a) { return Value(Object{{"stub", std::move(a[0])}}); }},
      {"apply", [](Array& a) { return promise(call(hook_of(a[0]), {}, {std::move(a[1])})); }},
      {"keep",
       [state](Array& a) {
         state->kept[number(a[0])] = std::move(a[1]);
         return Value();
       }},
      {"callKept", [state](Array& a) { return call_kept(*state, a); }},
      {"drop", [state](Array& a) { return Value(state->kept.erase(number(a[0])) > 0); }},
      {"later", [state](Array& a) { return later(*state, a); }},
      {"settle", [state](Array& a) { return settle(*state, a); }},
      {"perform", perform},
      {"total", total},
      {"numbers", numbers},
      {"fill", fill},
  });
}

}  // namespace capnweb::testing
