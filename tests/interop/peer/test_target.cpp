#include "peer/test_target.hpp"

namespace interop {

Value TestTarget::call_square(const Stub<TestTarget>& self, double i) const {
  return capnweb::Object{{"result", self->square(i)}};
}

Task<Value> TestTarget::call_function(Function<Value(Value)> function, Value argument) const {
  capnweb::Object answer;
  answer.set("result", co_await function(std::move(argument)));
  co_return answer;
}

std::vector<double> TestTarget::generate_fibonacci(int length) const {
  std::vector<double> numbers;
  double last = 1;
  double next = 0;
  for (int i = 0; i < length; ++i) {
    numbers.push_back(next);
    next += std::exchange(last, next);
  }
  return numbers;
}

capnweb::Generator<double> TestTarget::count_to(double last) const {
  for (double i = 1; i <= last; ++i) co_yield i;
}

Task<double> TestTarget::sum_of(capnweb::ReadableStream<double> numbers) const {
  double sum = 0;
  while (const auto number = co_await numbers.read()) sum += *number;
  co_return sum;
}

Task<std::string> TestTarget::fill(capnweb::WritableStream<double> out, double last) const {
  for (double i = 1; i <= last; ++i) co_await out.write(i);
  co_await out.close();
  co_return "filled";
}

Task<> TestTarget::abandon(capnweb::WritableStream<double> out) const {
  co_await out.write(1);
  co_await out.abort(capnweb::Error::range_error("abandoned"));
}

Task<Value> TestTarget::first_of(capnweb::ReadableStream<> values) const {
  auto first = co_await values.read();
  values.cancel(capnweb::Error("enough"));
  co_return *std::move(first);
}

capnweb::Generator<double> TestTarget::failing_stream() const {
  co_yield 1;
  throw capnweb::Error::range_error("broke");
}

Task<capnweb::Array> TestTarget::call_each(
    capnweb::ReadableStream<Function<Value(double)>> functions) const {
  capnweb::Array results;
  while (const auto function = co_await functions.read())
    results.push_back(co_await (*function)(static_cast<double>(results.size())));
  co_return results;
}

std::string TestTarget::describe_blob(const capnweb::Blob& blob) const {
  return blob.type + ": " + std::string(blob.bytes.text());
}

Task<std::string> TestTarget::describe_request(capnweb::Request request) const {
  const std::string text = co_await capnweb::read_text(request.body);
  co_return request.method + " " + request.url + " " + text;
}

capnweb::Response TestTarget::make_response(std::string text, int status) const {
  return {.status = status, .body = std::move(text)};
}

}  // namespace interop
