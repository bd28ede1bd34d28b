// Scenarios: streams, Blobs and bodies.
#include <memory>

#include "client/context.hpp"

namespace interop {

namespace {

using capnweb::Blob;
using capnweb::Bytes;
using capnweb::Generator;
using capnweb::ReadableStream;
using capnweb::Request;
using capnweb::Response;

Generator<double> numbers(double first, double last) {
  for (double i = first; i <= last; ++i) co_yield i;
}

ReadableStream<double> stream_of(double first, double last) { return numbers(first, last); }

Task<Array> collect(ReadableStream<double> stream) {
  Array chunks;
  while (const auto chunk = co_await stream.read()) chunks.emplace_back(*chunk);
  co_return chunks;
}

Task<> reads_a_stream(Context& context) {
  const Api api = co_await context.main();
  auto [five, none] = co_await capnweb::when_all(api->count_to(5), api->count_to(0));
  const Array expected = {1, 2, 3, 4, 5};
  expect_equal(co_await collect(five), expected);
  expect_equal(co_await collect(none), Array());
}

Task<> sends_a_stream(Context& context) {
  const Api api = co_await context.main();
  const auto six = api->sum_of(stream_of(1, 3));
  const auto zero = api->sum_of(stream_of(1, 0));
  const auto [sum, nothing] = co_await capnweb::when_all(six, zero);
  expect_equal(sum, 6);
  expect_equal(nothing, 0);
}

Task<> reads_a_long_stream(Context& context) {
  const Api api = co_await context.main();
  const Array chunks = co_await collect(co_await api->count_to(5000));
  expect_equal(chunks.size(), 5000);
  expect_equal(chunks.back(), 5000);
}

Task<> sends_a_long_stream(Context& context) {
  const Api api = co_await context.main();
  const auto sum = api->sum_of(stream_of(0, 4999));
  expect_equal(co_await sum, 4999 * 2500);
}

Task<> gives_a_stream_to_write_to(Context& context) {
  const Api api = co_await context.main();
  const auto chunks = std::make_shared<Array>();
  const auto closed = std::make_shared<bool>(false);
  const auto sink = capnweb::make_sink<double>([chunks](double i) { chunks->emplace_back(i); },
                                               [closed] { *closed = true; }, [](const Error&) {});
  expect_equal(co_await api->fill(sink, 100), "filled");
  expect_equal(chunks->size(), 100);
  expect_equal(chunks->back(), 100);
  expect(*closed, "the sink is closed");
}

Task<> stream_to_write_to_is_abandoned(Context& context) {
  const Api api = co_await context.main();
  auto [reason, resolver] = capnweb::make_promise<std::string>();
  const auto settle = std::make_shared<decltype(resolver)>(std::move(resolver));
  const auto sink =
      capnweb::make_sink<double>([](double i) { expect_equal(i, 1); }, [] {},
                                 [settle](const Error& error) { settle->resolve(error.what()); });
  const auto done = api->abandon(sink);
  expect_equal(co_await reason, "RangeError: abandoned");
}

Task<> reader_cancels(Context& context) {
  const Api api = co_await context.main();
  auto [readable, writable] = capnweb::make_pipe<>();
  const auto first = api->first_of(readable);
  readable = {};
  for (int i = 0; i < 100; ++i) writable.write(i).detach();
  expect_equal(co_await first, 0);
  std::string reason;
  try {
    for (;;) co_await writable.write(1);
  } catch (const Error& error) {
    reason = error.message();
  }
  expect_equal(reason, "enough");
}

Task<> stream_fails(Context& context) {
  const Api api = co_await context.main();
  const auto stream = co_await api->failing_stream();
  std::string failure = "none";
  try {
    while (co_await stream.read()) {
    }
  } catch (const Error& error) {
    failure = error.what();
  }
  expect_equal(failure, "RangeError: broke");
}

Task<> sink_fails(Context& context) {
  const Api api = co_await context.main();
  const auto sink = capnweb::make_sink<double>([](double i) {
    if (i == 2) throw Error::range_error("disk full");
  });
  const auto filled = api->fill(sink, 100);
  expect_equal(co_await failure(filled), "RangeError: disk full");
}

Generator<Function<Value(double)>> functions() {
  const Function<Value(double)> ten = [](double i) -> Value { return i + 10; };
  const Function<Value(double)> twenty = [](double i) -> Value { return i + 20; };
  co_yield ten;
  co_yield twenty;
}

Task<> functions_in_a_stream(Context& context) {
  const Api api = co_await context.main();
  const ReadableStream<Function<Value(double)>> stream = functions();
  const auto results = api->call_each(stream);
  const Array expected = {10, 21};
  expect_equal(co_await results, expected);
}

Task<> sends_blobs(Context& context) {
  const Api api = co_await context.main();
  const Blob hello{"x/y", Bytes::from_text("hello")};
  const Blob empty;
  const auto [full, none] =
      co_await capnweb::when_all(api->describe_blob(hello), api->describe_blob(empty));
  expect_equal(full, "x/y: hello");
  expect_equal(none, ": ");
}

Task<> echoes_a_blob(Context& context) {
  const Api api = co_await context.main();
  std::string text;
  for (int i = 0; i < 40'000; ++i) text += "blob ";
  const Blob blob{"text/plain", Bytes::from_text(text)};
  const auto echo = api->echo_blob(blob);
  const Blob back = co_await echo;
  expect_equal(back.type, "text/plain");
  expect(back.bytes == blob.bytes, "the same bytes");
}

Task<> sends_a_request_with_a_body(Context& context) {
  const Api api = co_await context.main();
  const Request request{.url = "http://example.com/p", .method = "POST", .body = "data"};
  const auto described = api->describe_request(request);
  expect_equal(co_await described, "POST http://example.com/p data");
}

Task<> reads_the_body_of_a_response(Context& context) {
  const Api api = co_await context.main();
  const Response response = co_await api->make_response("a body", 201);
  expect_equal(response.status, 201);
  expect_equal(co_await capnweb::read_text(response.body), "a body");
}

constexpr Scenario kScenarios[] = {
    {"reads_a_stream", reads_a_stream},
    {"sends_a_stream", sends_a_stream},
    {"reads_a_long_stream", reads_a_long_stream},
    {"sends_a_long_stream", sends_a_long_stream},
    {"gives_a_stream_to_write_to", gives_a_stream_to_write_to},
    {"stream_to_write_to_is_abandoned", stream_to_write_to_is_abandoned},
    {"reader_cancels", reader_cancels},
    {"stream_fails", stream_fails},
    {"sink_fails", sink_fails},
    {"functions_in_a_stream", functions_in_a_stream},
    {"sends_blobs", sends_blobs},
    {"echoes_a_blob", echoes_a_blob},
    {"sends_a_request_with_a_body", sends_a_request_with_a_body},
    {"reads_the_body_of_a_response", reads_the_body_of_a_response},
};

}  // namespace

std::span<const Scenario> stream_scenarios() { return kScenarios; }

}  // namespace interop
