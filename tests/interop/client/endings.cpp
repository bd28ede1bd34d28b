// Scenarios: what is let go, and what breaks.
#include "client/context.hpp"

namespace interop {

namespace {

// The text of the error that breaks a stub; awaited, it also shows that it breaks.
template <class T>
Task<std::string> end_of(Stub<T> stub) {
  auto [ended, resolver] = capnweb::make_promise<std::string>();
  const auto watch =
      stub.on_broken([&](const Error& error) { resolver.resolve(std::string(error.what())); });
  co_return co_await ended;
}

// ---- Release

Task<> last_reference_releases(Context& context) {
  const Api api = co_await context.main();
  Stub<Held> held = co_await api->hold(context.unique);
  Stub<Held> second = held;
  held = {};
  expect_equal(co_await second->name(), context.unique);
  second = {};
  co_await api->released(context.unique);
}

Task<> dropped_promise_releases(Context& context) {
  const Api api = co_await context.main();
  static_cast<void>(api->hold(context.unique));
  co_await api->released(context.unique);
}

Task<> argument_is_released_before_the_answer(Context& context) {
  const Api api = co_await context.main();
  auto counter = std::make_shared<Counter>(0);
  const std::weak_ptr<Counter> watched = counter;
  const auto call = api->increment_counter(std::exchange(counter, nullptr), 1);
  co_await call;
  expect(watched.expired(), "the argument is released");
}

Task<> closing_releases(Context& context) {
  {
    const Api first = co_await context.main();
    const Stub<Held> held = co_await first->hold(context.unique);
    expect_equal(co_await held->name(), context.unique);
  }
  const Api second = co_await context.main();
  co_await second->released(context.unique);
}

Task<> end_of_batch_releases(Context& context) {
  const Api first = co_await context.main();
  expect_equal(co_await first->hold(context.unique)->name(), context.unique);
  const Api second = co_await context.main();
  co_await second->released(context.unique);
}

// ---- Endings

Task<> peer_vanishes_during_a_call(Context& context) {
  const Api api = co_await context.main();
  const Stub<Held> held = co_await api->hold(context.unique);
  auto [never, resolver] = capnweb::make_promise<Value>();
  auto [started, start] = capnweb::make_promise<void>();
  const auto hang = [&](const Value&) {
    start.resolve();
    return never;
  };
  const auto call = api->call_function(hang, 1);
  call.then([](const Value&) {});  // pulls it
  co_await started;
  Context::end();
  const std::string_view expected = context.vanished();
  const Error error = co_await rejection(call);
  expect_begins(error.what(), expected);
  expect_begins(co_await end_of(held), expected);
  const Error later = co_await rejection(api->square(2));
  expect_begins(later.what(), expected);
}

Task<> vanished_client_is_released(Context& context) {
  {
    const Api api = co_await context.main();
    const Stub<Held> held = co_await api->hold(context.unique);
    Context::end();
    co_await end_of(held);
  }
  const Api api = co_await context.main();
  co_await api->released(context.unique);
}

Task<> server_drains(Context& context) {
  const Api api = co_await context.main();
  const auto end = [](const Value& i) {
    Context::end();
    return Value(i.get<double>() + 1);
  };
  const Value result = co_await api->call_function(end, 1);
  expect_equal(result["result"], 2);
  expect_begins(co_await end_of(api), context.drained());
}

Task<Value> call_nobody(Context& context) {
  const Api api = co_await context.nobody();
  co_return co_await api->square(2);
}

Task<> nobody_listens(Context& context) {
  try {
    static_cast<void>(co_await call_nobody(context));
  } catch (const Error& error) {
    expect_begins(error.what(), context.unreachable());
    co_return;
  }
  complain("the call must fail");
}

constexpr Scenario kScenarios[] = {
    {"last_reference_releases", last_reference_releases},
    {"dropped_promise_releases", dropped_promise_releases},
    {"argument_is_released_before_the_answer", argument_is_released_before_the_answer},
    {"closing_releases", closing_releases},
    {"end_of_batch_releases", end_of_batch_releases},
    {"peer_vanishes_during_a_call", peer_vanishes_during_a_call},
    {"vanished_client_is_released", vanished_client_is_released},
    {"server_drains", server_drains},
    {"nobody_listens", nobody_listens},
};

}  // namespace

std::span<const Scenario> ending_scenarios() { return kScenarios; }

}  // namespace interop
