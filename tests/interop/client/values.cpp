// Scenarios: values there and back. The runner gives one as its text.
#include "client/context.hpp"

namespace interop {

namespace {

void expect_text(const Value& value, std::string_view text) {
  if (capnweb::serialize(value) != text)
    complain("expected " + std::string(text) + ", got " + show(value));
}

// What was thrown: an Error, or any other value.
Value thrown(const Error& error) {
  const Value* value = error.thrown_value();
  return value ? *value : Value(error);
}

Task<> echoes(Context& context) {
  const Api api = co_await context.main();
  const Value value = capnweb::deserialize(context.with);
  const Value echo = co_await api->echo(value);
  expect_text(echo, context.with);
  expect_equal(echo, value);
}

Task<> rejects_with(Context& context) {
  const Api api = co_await context.main();
  const Error error = co_await rejection(api->fail(capnweb::deserialize(context.with)));
  expect_text(thrown(error), context.with);
}

Task<> callback_rejects_with(Context& context) {
  const Api api = co_await context.main();
  const auto fail = [&context](const Value&) -> Value {
    throw Error::thrown(capnweb::deserialize(context.with));
  };
  const Error error = co_await rejection(api->call_function(fail, 1));
  expect_text(thrown(error), context.with);
}

constexpr Scenario kScenarios[] = {
    {"echoes", echoes},
    {"rejects_with", rejects_with},
    {"callback_rejects_with", callback_rejects_with},
};

}  // namespace

std::span<const Scenario> value_scenarios() { return kScenarios; }

}  // namespace interop
