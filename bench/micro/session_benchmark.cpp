// Calls without sockets: to a local object, to a session, and between two sessions.
#include <benchmark/benchmark.h>

#include <capnweb/capnweb.hpp>
#include <memory>
#include <string>
#include <string_view>

#include "common/text.hpp"
#include "counts/in_memory.hpp"
#include "service/service.hpp"

namespace {

// The server's part of a call and the messages of it: 64 calls under way, as over a WebSocket.
void serve(benchmark::State& state, std::string_view workload, std::size_t size) {
  constexpr std::size_t kWindow = 64;
  bench::InMemory memory(workload, size);
  memory.call(kWindow, kWindow);
  while (state.KeepRunningBatch(kWindow)) memory.call(kWindow, kWindow);
  if (!memory.complaint().empty()) state.SkipWithError(memory.complaint().c_str());
}
BENCHMARK_CAPTURE(serve, add, "add", 0);
BENCHMARK_CAPTURE(serve, echo_1_kib, "echo", 1024);
BENCHMARK_CAPTURE(serve, echo_1_mib, "echo", 1 << 20);
BENCHMARK_CAPTURE(serve, sum, "sum", 0);
BENCHMARK_CAPTURE(serve, list, "list", 0);
BENCHMARK_CAPTURE(serve, chain, "chain", 0);
BENCHMARK_CAPTURE(serve, callback, "callback", 0);
BENCHMARK_CAPTURE(serve, stream_1_kib, "stream", 1024);

// Finding the method, decoding, running and encoding, with the promise of the result.
void dispatch(benchmark::State& state) {
  const capnweb::Stub<bench::Service> service(std::make_shared<bench::Service>());
  double sum = 0;
  for (auto _ : state) service->add(5, 3).then([&sum](double result) { sum += result; });
  if (sum != 8 * static_cast<double>(state.iterations())) state.SkipWithError("wrong sum");
}
BENCHMARK(dispatch);

// Settling a promise that somebody waits for.
void resolve(benchmark::State& state) {
  double sum = 0;
  for (auto _ : state) {
    auto [promise, resolver] = capnweb::make_promise<double>();
    promise.then([&sum](double result) { sum += result; });
    resolver.resolve(1.0);
  }
  if (sum != static_cast<double>(state.iterations())) state.SkipWithError("wrong sum");
}
BENCHMARK(resolve);

// Two of our sessions: a call, its answer and its release.
void round_trip(benchmark::State& state) {
  capnweb::Session server(capnweb::to_value(std::make_shared<bench::Service>()));
  capnweb::Session client;
  capnweb::Outbox outbox;
  const auto carry = [&outbox](capnweb::Session& from, capnweb::Session& to) {
    capnweb::send_output(from, outbox, [&to](std::string_view message) { to.receive(message); });
  };
  const auto service = client.remote_main().as<bench::Service>();
  double sum = 0;
  for (auto _ : state) {
    service->add(5, 3).then([&sum](double result) { sum += result; });
    carry(client, server);
    carry(server, client);
    carry(client, server);
  }
  if (sum != 8 * static_cast<double>(state.iterations())) state.SkipWithError("wrong sum");
}
BENCHMARK(round_trip);

// A map() over 100 objects, at the side that has them. Its answer holds 200 promises, each of which
// is answered and released as well.
void replay_map(benchmark::State& state) {
  capnweb::Session server(capnweb::to_value(std::make_shared<bench::Service>()));
  capnweb::Outbox outbox;
  std::int64_t answers = 0;
  std::string message;
  const auto receive = [&](std::string_view begin, std::int64_t id, std::string_view end) {
    message = begin;
    bench::append_number(message, id);
    message += end;
    server.receive(message);
  };
  const auto release_answered = [&](std::string_view answer) {
    bench::Cursor cursor(answer);
    if (!cursor.take(R"(["resolve",)")) return;
    ++answers;
    receive(R"(["release",)", cursor.take_integer().value_or(0), ",1]");
  };
  server.receive(R"(["push",["pipeline",0,["list"],[]]])");
  std::int64_t id = 1;
  for (auto _ : state) {
    server.receive(R"(["push",["remap",1,[],[],[["pipeline",0,["id"]],["pipeline",0,["name"]],)"
                   R"({"number":["pipeline",1],"label":["pipeline",2]}]]])");
    receive(R"(["pull",)", ++id, "]");
    capnweb::send_output(server, outbox, release_answered);
  }
  if (answers != 201 * state.iterations()) state.SkipWithError("not every promise was answered");
}
BENCHMARK(replay_map);

}  // namespace
