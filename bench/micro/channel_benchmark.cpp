// Calls through a channel: within one loop, and to a loop on another thread.
#include <benchmark/benchmark.h>

#include <capnweb/capnweb.hpp>
#include <cstddef>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "service/service.hpp"

namespace {

using capnweb::Stub;
using capnweb::Task;

// `state.range(0)` calls under way at a time.
Task<> add_in_windows(benchmark::State& state, Stub<bench::Service> service) {
  const auto window = static_cast<std::size_t>(state.range(0));
  double sum = 0;
  while (state.KeepRunningBatch(state.range(0))) {
    std::vector<capnweb::Promise<double>> answers;
    for (std::size_t i = 0; i < window; ++i) answers.push_back(service->add(5, 3));
    for (auto& answer : answers) answer.detach();  // asks for all of them at once
    for (auto& answer : answers) sum += co_await std::move(answer);
  }
  if (sum != 8 * static_cast<double>(state.iterations())) state.SkipWithError("wrong sum");
}

Task<> echo(benchmark::State& state, Stub<bench::Service> service) {
  const std::string text(static_cast<std::size_t>(state.range(0)), 'x');
  while (state.KeepRunning()) {
    auto answer = service->echo(text);
    if ((co_await answer).size() != text.size()) state.SkipWithError("wrong echo");
  }
}

// On this thread's loop, with the service on the same.
void within_one_loop(benchmark::State& state,
                     Task<> (*calls)(benchmark::State&, Stub<bench::Service>)) {
  capnweb::Loop loop;
  const auto [near, far] = capnweb::make_channel();
  const capnweb::Session server =
      far.open(loop, Stub<bench::Service>(std::make_shared<bench::Service>()));
  const capnweb::Session client = near.open(loop);
  capnweb::detail::run_until_done(loop, calls(state, client.remote_main<bench::Service>()));
}

void between_two_loops(benchmark::State& state,
                       Task<> (*calls)(benchmark::State&, Stub<bench::Service>)) {
  const auto [near, far] = capnweb::make_channel();
  std::promise<capnweb::Loop*> started;
  std::thread server([&started, far = far] {
    capnweb::Loop loop;
    const capnweb::Session session =
        far.open(Stub<bench::Service>(std::make_shared<bench::Service>()));
    started.set_value(&loop);
    loop.run();
  });
  capnweb::Loop& server_loop = *started.get_future().get();
  {
    capnweb::Loop loop;
    const capnweb::Session client = near.open(loop);
    capnweb::detail::run_until_done(loop, calls(state, client.remote_main<bench::Service>()));
  }
  server_loop.stop();
  server.join();
}

BENCHMARK_CAPTURE(within_one_loop, add, add_in_windows)->Arg(1)->Arg(64);
BENCHMARK_CAPTURE(within_one_loop, echo, echo)->Arg(1024)->Arg(1 << 20);
BENCHMARK_CAPTURE(between_two_loops, add, add_in_windows)->Arg(1)->Arg(64)->UseRealTime();
BENCHMARK_CAPTURE(between_two_loops, echo, echo)->Arg(1024)->Arg(1 << 20)->UseRealTime();

}  // namespace
