// Scenarios: functions and objects that travel, over one connection and over two.
#include "client/context.hpp"

namespace interop {

namespace {

double number(const Value& value) { return value.get<double>(); }

// ---- Callbacks

Task<> server_calls_a_function(Context& context) {
  const Api api = co_await context.main();
  const auto twice = [](const Value& i) { return Value(number(i) * 2); };
  const Value doubled = co_await api->call_function(twice, 21);
  expect_equal(doubled["result"], 42);
  const auto shout = [](Value text) -> Task<Value> { co_return text.get<std::string>() + "!"; };
  const Value shouted = co_await api->call_function(shout, "hi");
  expect_equal(shouted["result"], "hi!");
}

Task<> server_calls_an_object(Context& context) {
  const Api api = co_await context.main();
  const auto counter = std::make_shared<Counter>(4);
  expect_equal(co_await api->increment_counter(counter, 9), 13);
  expect_equal(counter->value(), 13);
}

Task<> callback_calls_the_server(Context& context) {
  const Api api = co_await context.main();
  const auto square = [api](Value i) { return Promise<Value>(api->square(number(i))); };
  const auto call = api->call_function(square, 12);
  const Value result = co_await call;
  expect_equal(result["result"], 144);
}

Task<> hundred_callbacks_in_flight(Context& context) {
  const Api api = co_await context.main();
  int running = 0;
  auto [all, open] = capnweb::make_promise<void>();
  const auto wait = [&](Value i) -> Task<Value> {
    if (++running == 100) open.resolve();
    co_await all;
    co_return number(i) + 1;
  };
  std::vector<Promise<Value>> calls;
  for (int i = 0; i < 100; ++i) calls.push_back(api->call_function(wait, i));
  for (int i = 0; i < 100; ++i) {
    const Value result = co_await calls[static_cast<std::size_t>(i)];
    expect_equal(result["result"], i + 1);
  }
}

Task<> callback_nobody_waits_for(Context& context) {
  const Api api = co_await context.main();
  auto [called, resolver] = capnweb::make_promise<Value>();
  const auto note = [&](Value value) {
    resolver.resolve(std::move(value));
    return Value();
  };
  const auto notified = api->notify(note, "ping");
  co_await notified;
  expect_equal(co_await called, "ping");
}

Task<> callback_kept_by_the_server(Context& context) {
  const Api api = co_await context.main();
  auto [dropped, resolver] = capnweb::make_promise<void>();
  // Lives as long as the function does.
  const auto drop = std::make_shared<capnweb::PromiseResolver<void>>(std::move(resolver));
  std::shared_ptr<void> token(nullptr, [drop](void*) { drop->resolve(); });
  const auto sum = std::make_shared<double>(0);
  {
    const auto add = [sum, token = std::move(token)](Value i) { return Value(*sum += number(i)); };
    const auto keep = api->keep(context.unique, add);
    co_await keep;
  }
  expect_equal(co_await api->call_kept(context.unique, 5), 5);
  expect_equal(co_await api->call_kept(context.unique, 6), 11);
  co_await api->drop_kept(context.unique);
  co_await dropped;
}

// ---- Objects there and back

Task<> stub_passed_back(Context& context) {
  const Api api = co_await context.main();
  const Stub<Counter> counter = co_await api->make_counter(5);
  expect_equal(co_await api->increment_counter(counter, 1), 6);
  expect_equal(co_await api->increment_counter(counter), 7);
  expect_equal(co_await counter->value, 7);
}

Task<> stub_passed_back_and_returned(Context& context) {
  const Api api = co_await context.main();
  const Stub<Counter> counter = co_await api->make_counter(5);
  const auto nested = api->echo(Array({counter}));
  const auto first = nested[0].call("increment");
  expect_equal(co_await first, 6);
  const auto same = co_await api->echo(counter).as<Stub<Counter>>();
  expect_equal(co_await same->increment(), 7);
  expect_equal(co_await counter->value, 7);
}

// The stubs of an array.
Promise<std::vector<Stub<Counter>>> counters(const Promise<Value>& array) {
  return array.as<std::vector<Stub<Counter>>>();
}

Task<> same_stub_twice(Context& context) {
  const Api api = co_await context.main();
  const Stub<Counter> counter = co_await api->make_counter(0);
  const auto echo = api->echo(Array({counter, counter}));
  auto pair = co_await counters(echo);
  expect_equal(co_await pair[0]->increment(), 1);
  pair[0] = {};
  expect_equal(co_await pair[1]->increment(), 2);
  expect_equal(co_await counter->increment(), 3);
}

Task<> own_object_comes_home(Context& context) {
  const Api api = co_await context.main();
  const auto own = std::make_shared<Counter>(1);
  Object list;
  list.set("list", Array({Stub<Counter>(own)}));
  const auto home = api->echo(list)["list"][0];
  const auto two = home.call("increment");
  expect_equal(co_await two, 2);
  expect_equal(own->value(), 2);
}

Task<> own_object_comes_home_twice(Context& context) {
  const Api api = co_await context.main();
  const Stub<Counter> own = std::make_shared<Counter>(0);
  const auto echo = api->echo(Array({own, own}));
  auto pair = co_await counters(echo);
  expect_equal(co_await pair[0]->increment(), 1);
  pair[0] = {};
  expect_equal(co_await pair[1]->increment(), 2);
}

Task<> own_object_comes_home_as_the_result(Context& context) {
  const Api api = co_await context.main();
  const auto own = std::make_shared<Counter>(1);
  const auto home = co_await api->echo(Stub<Counter>(own)).as<Stub<Counter>>();
  expect_equal(co_await home->increment(), 2);
  expect_equal(own->value(), 2);
}

Task<> local_promise_as_argument(Context& context) {
  const Api api = co_await context.main();
  auto [promise, resolver] = capnweb::make_promise<Value>();
  const auto echo = api->echo(Array({promise}));
  // A later call overtakes it.
  expect_equal(co_await api->square(2), 4);
  const Array one = {1};
  Object settled;
  settled.set("v", one);
  resolver.resolve(settled);
  const Value arrived = co_await echo;
  expect_equal(arrived[0], settled);
}

// ---- Three parties

Task<> stub_of_another_server(Context& context) {
  const Api api = co_await context.main();
  const Api other = co_await context.other();
  const Stub<Counter> counter = co_await other->make_counter(10);
  expect_equal(co_await api->increment_counter(counter, 5), 15);
  expect_equal(co_await counter->value, 15);
}

Task<> promise_of_another_server(Context& context) {
  const Api api = co_await context.main();
  const Api other = co_await context.other();
  expect_equal(co_await api->square(other->square(3)), 81);
  expect_equal(co_await api->increment_counter(other->make_counter(1), other->square(2)), 5);
  const Stub<> any = api;
  expect_equal(co_await failure(any.call("echo", other->throw_error())), "RangeError: test error");
}

Task<> server_between_two_clients(Context& context) {
  const Api first = co_await context.main();
  const Api second = co_await context.main();
  const auto seen = std::make_shared<std::string>();
  const auto note = [seen](Value text) {
    *seen += text.get<std::string>();
    return Value(Object{{"answer", seen->size()}});
  };
  const auto keep = first->keep(context.unique, note);
  co_await keep;
  const Value answer = co_await second->call_kept(context.unique, "four");
  expect_equal(answer["answer"], 4);
  co_await second->drop_kept(context.unique);
  expect_equal(*seen, "four");
}

Task<> third_party_goes_away(Context& context) {
  const Api api = co_await context.main();
  const Api other = co_await context.other();
  const Stub<Counter> counter = co_await other->make_counter(0);
  expect_equal(co_await api->increment_counter(counter, 1), 1);
  Context::cut_other();
  auto [gone, resolver] = capnweb::make_promise<void>();
  const auto watch = other.on_broken([&](const Error&) { resolver.resolve(); });
  co_await gone;
  static_cast<void>(co_await rejection(api->increment_counter(counter, 1)));
  expect_equal(co_await api->square(2), 4);
}

constexpr Scenario kScenarios[] = {
    {"server_calls_a_function", server_calls_a_function},
    {"server_calls_an_object", server_calls_an_object},
    {"callback_calls_the_server", callback_calls_the_server},
    {"hundred_callbacks_in_flight", hundred_callbacks_in_flight},
    {"callback_nobody_waits_for", callback_nobody_waits_for},
    {"callback_kept_by_the_server", callback_kept_by_the_server},
    {"stub_passed_back", stub_passed_back},
    {"stub_passed_back_and_returned", stub_passed_back_and_returned},
    {"same_stub_twice", same_stub_twice},
    {"own_object_comes_home", own_object_comes_home},
    {"own_object_comes_home_twice", own_object_comes_home_twice},
    {"own_object_comes_home_as_the_result", own_object_comes_home_as_the_result},
    {"local_promise_as_argument", local_promise_as_argument},
    {"stub_of_another_server", stub_of_another_server},
    {"promise_of_another_server", promise_of_another_server},
    {"server_between_two_clients", server_between_two_clients},
    {"third_party_goes_away", third_party_goes_away},
};

}  // namespace

std::span<const Scenario> reference_scenarios() { return kScenarios; }

}  // namespace interop
