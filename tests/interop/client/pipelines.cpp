// Scenarios: what has not come yet is used already.
#include "client/context.hpp"

namespace interop {

namespace {

Task<> pipelines_on_a_new_counter(Context& context) {
  const Api api = co_await context.main();
  const auto counter = api->make_counter(5);
  auto [first, second, value] = co_await capnweb::when_all(
      counter->increment(2), counter->increment(), counter->value.promise());
  expect_equal(first, 7);
  expect_equal(second, 8);
  expect_equal(value, 8);
}

Task<> pipelines_on_a_property(Context& context) {
  const Api api = co_await context.main();
  const auto result = api->call_square(api, 3)["result"].as<double>();
  auto [nine, square] = co_await capnweb::when_all(result, api->square(result));
  expect_equal(nine, 9);
  expect_equal(square, 81);
}

Task<> promises_as_arguments(Context& context) {
  const Api api = co_await context.main();
  const auto four = api->square(2);
  const auto counter = api->make_counter(four);
  const auto twenty = api->increment_counter(counter, api->square(four));
  Object nested;
  nested.set("a", Array({four}));
  const auto echo = api->echo(nested);
  expect_equal(co_await twenty, 20);
  const Value arrived = co_await echo;
  expect_equal(arrived["a"][0], 4);
}

Task<> pipelined_calls_share_the_failure(Context& context) {
  const Stub<> any = co_await context.main();
  const auto failed = any.call("throwError");
  const auto deeper = failed["deeper"].call("call", 1);
  const auto argument = any.call("square", failed);
  const auto nested = any.call("echo", Array({failed["x"]}));
  expect_equal(co_await failure(deeper), "RangeError: test error");
  expect_equal(co_await failure(argument), "RangeError: test error");
  expect_equal(co_await failure(nested), "RangeError: test error");
}

Task<> pipelines_on_an_element(Context& context) {
  const Api api = co_await context.main();
  const auto numbers = api->generate_fibonacci(10);
  const auto square = api->square(numbers[9]);
  expect_equal(co_await square, 34 * 34);
}

Task<> one_batch_is_one_request(Context& context) {
  const Api api = co_await context.main();
  Object alice;
  alice.set("id", 7);
  alice.set("name", "alice");
  const auto user = api->echo(alice);
  const auto id = user["id"].as<double>();
  auto [object, square, count] =
      co_await capnweb::when_all(user, api->square(id), api->make_counter(id)->increment());
  expect_equal(object, alice);
  expect_equal(square, 49);
  expect_equal(count, 8);
}

constexpr Scenario kScenarios[] = {
    {"pipelines_on_a_new_counter", pipelines_on_a_new_counter},
    {"pipelines_on_a_property", pipelines_on_a_property},
    {"promises_as_arguments", promises_as_arguments},
    {"pipelined_calls_share_the_failure", pipelined_calls_share_the_failure},
    {"pipelines_on_an_element", pipelines_on_an_element},
    {"one_batch_is_one_request", one_batch_is_one_request},
};

}  // namespace

std::span<const Scenario> pipeline_scenarios() { return kScenarios; }

}  // namespace interop
