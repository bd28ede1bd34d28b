// Messages to values and back, without a session.
#include <benchmark/benchmark.h>

#include <capnweb/serialize.hpp>
#include <capnweb/value.hpp>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "common/text.hpp"
#include "load/workload.hpp"
#include "value/json_tape.hpp"
#include "wire/message.hpp"

namespace {

// The first message of a call.
std::string push_of(std::string_view workload, std::size_t size = 1024) {
  std::string text = R"(["push",["pipeline",0,)";
  bench::make_workload(workload, size)->write(text, 1005, -1);
  return text + "]]";
}

// The answer to list(), which is what list() is checked for.
std::string list_of_items() {
  std::string text = R"(["resolve",1234,[[)";
  for (int i = 0; i < 100; ++i) {
    if (i != 0) text += ',';
    text += R"({"id":)" + std::to_string(i) + R"(,"name":"item )" + std::to_string(i) +
            (i % 2 == 0 ? R"(","ok":true})" : R"(","ok":false})");
  }
  return text + "]]]";
}

void parse(benchmark::State& state, const std::function<std::string()>& make) {
  const std::string text = make();
  capnweb::JsonTape tape;
  for (auto _ : state) {
    auto json = tape.parse(text);
    auto message = capnweb::read_message(*json);
    benchmark::DoNotOptimize(message);
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}
BENCHMARK_CAPTURE(parse, push_add, [] { return push_of("add"); });
BENCHMARK_CAPTURE(parse, pull, [] { return std::string(R"(["pull",1234])"); });
BENCHMARK_CAPTURE(parse, release, [] { return std::string(R"(["release",1234,1])"); });
BENCHMARK_CAPTURE(parse, resolve, [] { return std::string(R"(["resolve",1234,8])"); });
BENCHMARK_CAPTURE(parse, push_1_kib, [] { return push_of("echo"); });
BENCHMARK_CAPTURE(parse, push_1_mib, [] { return push_of("echo", 1 << 20); });
BENCHMARK_CAPTURE(parse, push_1000_numbers, [] { return push_of("sum"); });
BENCHMARK_CAPTURE(parse, resolve_100_objects, list_of_items);

// A value of the size that applications send: some of everything.
capnweb::Value some_value() {
  return capnweb::deserialize(
      R"({"id":17,"name":"Ada Lovelace","born":["date",-4874688000000],"tags":[["a","b","c"]],)"
      R"("score":12.75,"photo":["bytes","aGVsbG8gd29ybGQ"],"missing":["undefined"]})");
}

void evaluate_value(benchmark::State& state) {
  const std::string text = capnweb::serialize(some_value());
  for (auto _ : state) benchmark::DoNotOptimize(capnweb::deserialize(text));
}
BENCHMARK(evaluate_value);

void devaluate_value(benchmark::State& state) {
  const capnweb::Value value = some_value();
  for (auto _ : state) benchmark::DoNotOptimize(capnweb::serialize(value));
}
BENCHMARK(devaluate_value);

}  // namespace
