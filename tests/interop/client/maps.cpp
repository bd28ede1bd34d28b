// Scenarios: map(), recorded here and run by the server.
#include <tuple>

#include "client/context.hpp"

namespace interop {

namespace {

Task<> maps_over_an_array(Context& context) {
  const Api api = co_await context.main();
  const auto squares = api->generate_fibonacci(6).map([&](auto i) { return api->square(i); });
  const auto pairs = api->generate_fibonacci(4).map(
      [&](Promise<double> i) { return std::tuple(i, api->make_counter(i)->increment()); });
  const auto [numbers, next] = co_await capnweb::when_all(squares, pairs);
  expect(numbers == std::vector<double>{0, 1, 1, 4, 9, 25}, "six squares");
  expect(next == std::vector<std::tuple<double, double>>{{0, 1}, {1, 2}, {1, 2}, {2, 3}},
         "numbers and their successors");
}

Task<> maps_in_maps(Context& context) {
  const Api api = co_await context.main();
  const auto teams = api->echo(Array{Array{1, 2}, Array(), Array{3}});
  const auto squares = teams.map([&](auto team) {
    return team.map([&](auto i) { return Array{i, api->square(i.template as<double>())}; });
  });
  const Array expected = {Array{Array{1, 1}, Array{2, 4}}, Array(), Array{Array{3, 9}}};
  expect_equal(co_await squares, expected);
}

Task<> maps_null(Context& context) {
  const Api api = co_await context.main();
  const auto square = [&](auto i) { return api->square(i.template as<double>()); };
  const auto [null, undefined, sixteen, none] = co_await capnweb::when_all(
      api->return_null().map(square), api->return_undefined().map(square),
      Promise<Value>(api->return_number(4)).map(square), api->echo(Array()).map(square));
  expect_equal(null, nullptr);
  expect_equal(undefined, {});
  expect_equal(sixteen, 16);
  expect_equal(none, Array());
}

Task<> maps_a_property(Context& context) {
  const Api api = co_await context.main();
  const auto object = [](Value value) { return Object{{"a", Object{{"b", std::move(value)}}}}; };
  const auto user = api->echo(Object{{"name", "alice"}, {"marks", Array{1, 2}}});
  const auto marks = user["marks"].as<std::vector<double>>();
  const auto squares = marks.map([&](auto mark) { return api->square(mark); });
  const auto inner = api->echo(Array{object(1), object(2)}).map([](auto i) { return i["a"]["b"]; });
  const auto [two, members] = co_await capnweb::when_all(squares, inner);
  expect(two == std::vector<double>{1, 4}, "two squares");
  expect_equal(members, Array{1, 2});
}

Task<> map_with_an_element_that_fails(Context& context) {
  const Api api = co_await context.main();
  const auto all = api->echo(Array{Object{{"a", Object{{"b", 1}}}}, Object()});
  const auto member = all.map([](auto i) { return i["a"]["b"]; });
  const auto call = all.map([&](auto) { return api->throw_error(); });
  const auto input = Stub<>(api).call("throwError").map([](auto i) { return i; });
  const auto [first, second, third] =
      co_await capnweb::when_all(failure(member), failure(call), failure(input));
  expect_equal(first, "TypeError: Cannot read properties of undefined (reading 'b')");
  expect_equal(second, "RangeError: test error");
  expect_equal(third, "RangeError: test error");
}

Task<> map_with_a_promise_captured(Context& context) {
  const Api api = co_await context.main();
  const auto four = api->square(2);
  const auto user = api->echo(Object{{"id", 7}});
  const auto counter = api->make_counter(10);
  const auto all = api->generate_fibonacci(3).map([&](auto i) {
    return Array{api->square(four), api->square(user["id"].as<double>()), counter->increment(i)};
  });
  const Array expected = {Array{16, 49, 10}, Array{16, 49, 11}, Array{16, 49, 12}};
  expect_equal(capnweb::to_value(co_await all), expected);
}

Task<> map_with_an_object_of_the_client_captured(Context& context) {
  const Api api = co_await context.main();
  const auto own = std::make_shared<Counter>(0);
  const Stub<Counter> local(own);
  const auto pairs =
      api->generate_fibonacci(4).map([&](auto i) { return Array{i, local->increment(i)}; });
  const Array expected = {Array{0, 0}, Array{1, 1}, Array{1, 2}, Array{2, 4}};
  expect_equal(capnweb::to_value(co_await pairs), expected);
  expect_equal(own->value(), 4);
}

Task<> map_with_a_promise_of_the_client_captured(Context& context) {
  const Api api = co_await context.main();
  auto [promise, resolver] = capnweb::make_promise<double>();
  const auto squares = api->generate_fibonacci(2).map(
      [&, own = &promise](auto i) { return Array{i, api->square(*own)}; });
  squares.then([](const auto&) {});  // pulls it
  co_await api->square(2);
  resolver.resolve(5);
  const Array expected = {Array{0, 25}, Array{1, 25}};
  expect_equal(capnweb::to_value(co_await squares), expected);
}

Task<> map_that_takes_too_many_steps(Context& context) {
  const Api api = co_await context.main();
  const auto many = api->echo(Array(50'001, Value(1))).as<std::vector<double>>();
  const auto squares = many.map([&](auto i) { return api->square(i); });
  const Error error = co_await rejection(squares);
  expect_begins(error.what(), "RangeError: This map() takes more than 100000 steps");
  expect(error.message().find("Limits::max_map_steps") != std::string::npos, "the limit's name");
  expect_equal(co_await api->square(2), 4);
}

constexpr Scenario kScenarios[] = {
    {"maps_over_an_array", maps_over_an_array},
    {"maps_in_maps", maps_in_maps},
    {"maps_null", maps_null},
    {"maps_a_property", maps_a_property},
    {"map_with_an_element_that_fails", map_with_an_element_that_fails},
    {"map_with_a_promise_captured", map_with_a_promise_captured},
    {"map_with_an_object_of_the_client_captured", map_with_an_object_of_the_client_captured},
    {"map_with_a_promise_of_the_client_captured", map_with_a_promise_of_the_client_captured},
    {"map_that_takes_too_many_steps", map_that_takes_too_many_steps},
};

}  // namespace

std::span<const Scenario> map_scenarios() { return kScenarios; }

}  // namespace interop
