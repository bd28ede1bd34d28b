// Scenarios: calls, their arguments, order and size.
#include "client/context.hpp"

namespace interop {

namespace {

Task<> calls_methods_of_all_kinds(Context& context) {
  const Api api = co_await context.main();
  auto [square, object, count, incremented, numbers] = co_await capnweb::when_all(
      api->square(5), api->call_square(api, 6), api->make_counter(3)->value.promise(),
      api->increment_counter(api->make_counter(4), 5), api->generate_fibonacci(10));
  expect_equal(square, 25);
  expect_equal(object["result"], 36);
  expect_equal(count, 3);
  expect_equal(incremented, 9);
  const std::vector<double> fibonacci = {0, 1, 1, 2, 3, 5, 8, 13, 21, 34};
  expect(numbers == fibonacci, "ten numbers of Fibonacci's");
}

Task<> calls_that_give_nothing_new(Context& context) {
  const Api api = co_await context.main();
  auto [null, undefined, number, echo] = co_await capnweb::when_all(
      api->return_null(), api->return_undefined(), api->return_number(-7), api->echo("x"));
  expect_equal(null, nullptr);
  expect_equal(undefined, {});
  expect_equal(number, -7);
  expect_equal(echo, "x");
}

Task<> missing_and_surplus_arguments(Context& context) {
  const Api api = co_await context.main();
  const Stub<> any = api;
  const auto surplus = any.call("square", 3, "surplus", Object());
  const auto one = api->make_counter()->increment();
  const auto two = api->increment_counter(api->make_counter(1));
  const auto nothing = any.call("echo");
  expect_equal(co_await surplus, 9);
  expect_equal(co_await one, 1);
  expect_equal(co_await two, 2);
  expect_equal(co_await nothing, {});
}

Task<> unknown_method_is_no_function(Context& context) {
  const Api api = co_await context.main();
  const Stub<> any = api;
  const auto nope = any.call("nope", 1);
  const auto on_counter = any.call("makeCounter", 1).call("nope");
  const auto on_nothing = any.call("makeCounter", 1)["value"]["deep"].call("nope");
  const auto on_array = any.call("generateFibonacci", 3).call("first");
  expect_equal(co_await failure(nope), "TypeError: 'nope' is not a function.");
  expect_equal(co_await failure(on_counter), "TypeError: 'nope' is not a function.");
  expect_equal(co_await failure(on_nothing),
               "TypeError: Cannot read properties of undefined (reading 'nope')");
  expect_equal(co_await failure(on_array), "TypeError: 'first' is not a function.");
}

Task<> names_of_all_objects_are_out_of_reach(Context& context) {
  const Stub<> any = co_await context.main();
  // A property is asked for when it is awaited, so all are awaited at once.
  auto [call, property, deeper] = co_await capnweb::when_all(
      failure(any.call("toString")), any["constructor"], failure(any["valueOf"]["name"]));
  expect_equal(call, "TypeError: 'toString' is not a function.");
  expect_equal(property, {});
  expect_equal(deeper, "TypeError: Cannot read properties of undefined (reading 'name')");
}

Task<> error_without_a_stack(Context& context) {
  const Api api = co_await context.main();
  const Error error = co_await rejection(api->throw_error());
  expect_equal(error.what(), "RangeError: test error");
  expect(!error.stack(), "no stack");
}

Task<> argument_of_a_wrong_type(Context& context) {
  const Api api = co_await context.main();
  const Stub<> any = api;
  const auto bad = any.call("square", "three");
  const auto good = api->square(3);
  const Error error = co_await rejection(bad);
  expect_equal(error.name(), "TypeError");
  expect(error.message().find("square") != std::string::npos, "the method's name");
  expect(error.message().find("string") != std::string::npos, "what came");
  expect_equal(co_await good, 9);
}

Task<> thousand_calls_in_flight(Context& context) {
  const Api api = co_await context.main();
  std::vector<Promise<double>> squares;
  for (int i = 0; i < 1000; ++i) {
    squares.push_back(api->square(i));
    squares.back().then([](double) {});  // asks for it now, or each would cost a round trip
  }
  for (int i = 0; i < 1000; ++i) expect_equal(co_await squares[static_cast<std::size_t>(i)], i * i);
}

Task<> answers_in_order_of_settlement(Context& context) {
  const Api api = co_await context.main();
  auto [finished, finish] = capnweb::make_promise<Value>();
  bool is_slow_done = false;
  const auto wait = [finished](const Value&) { return finished; };
  const auto slow = api->call_function(wait, 1);
  slow.then([&](const Value&) { is_slow_done = true; });
  const auto fast = api->square(2);
  expect_equal(co_await fast, 4);
  expect(!is_slow_done, "the slow call is still waiting");
  finish.resolve(5);
  const Value result = co_await slow;
  expect_equal(result["result"], 5);
}

Task<> calls_on_one_stub_keep_their_order(Context& context) {
  const Api api = co_await context.main();
  const auto counter = api->make_counter(0);
  std::vector<Promise<double>> values;
  for (int i = 0; i < 100; ++i) values.push_back(counter->increment());
  for (int i = 0; i < 100; ++i) expect_equal(co_await values[static_cast<std::size_t>(i)], i + 1);
}

constexpr std::size_t kEightMiB = 8 * 1024 * 1024;

Task<> echoes_text(Context& context, std::size_t size) {
  const Api api = co_await context.main();
  std::string text(size, ' ');
  for (std::size_t i = 0; i < text.size(); ++i) text[i] = "abcdefgh\n"[i % 9];
  const Value echo = co_await api->echo(text);
  expect(echo == Value(text), "the same text");
}

Task<> a_mebibyte_of_text(Context& context) { return echoes_text(context, 1024UL * 1024); }

Task<> big_strings(Context& context) { return echoes_text(context, kEightMiB); }

Task<> big_bytes(Context& context) {
  const Api api = co_await context.main();
  std::vector<std::byte> data(kEightMiB);
  for (std::size_t i = 0; i < data.size(); ++i) data[i] = static_cast<std::byte>(i * 31);
  const capnweb::Bytes bytes(std::move(data));
  const Value echo = co_await api->echo(bytes);
  expect(echo == Value(bytes), "the same bytes");
}

constexpr Scenario kScenarios[] = {
    {"calls_methods_of_all_kinds", calls_methods_of_all_kinds},
    {"calls_that_give_nothing_new", calls_that_give_nothing_new},
    {"missing_and_surplus_arguments", missing_and_surplus_arguments},
    {"unknown_method_is_no_function", unknown_method_is_no_function},
    {"names_of_all_objects_are_out_of_reach", names_of_all_objects_are_out_of_reach},
    {"error_without_a_stack", error_without_a_stack},
    {"argument_of_a_wrong_type", argument_of_a_wrong_type},
    {"thousand_calls_in_flight", thousand_calls_in_flight},
    {"answers_in_order_of_settlement", answers_in_order_of_settlement},
    {"calls_on_one_stub_keep_their_order", calls_on_one_stub_keep_their_order},
    {"a_mebibyte_of_text", a_mebibyte_of_text},
    {"big_strings", big_strings},
    {"big_bytes", big_bytes},
};

}  // namespace

std::span<const Scenario> call_scenarios() { return kScenarios; }

}  // namespace interop
