// How often the server asks for memory.
#include <gtest/gtest.h>

#include <capnweb/capnweb.hpp>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/text.hpp"
#include "counts/bounds.hpp"
#include "counts/in_memory.hpp"
#include "unit/value/allocation_count.hpp"

namespace bench {
namespace {

constexpr std::size_t kCalls = 1024;
constexpr std::size_t kWindow = 64;

double allocations_per_call(std::string_view workload) {
  InMemory memory(workload);
  memory.call(kCalls, kWindow);
  const std::size_t before = allocation_count();
  memory.call(kCalls, kWindow);
  const std::size_t after = allocation_count();
  EXPECT_EQ(memory.complaint(), "");
  return static_cast<double>(after - before) / static_cast<double>(kCalls);
}

TEST(Allocations, OfNumbersInAndOut) {
  EXPECT_LE(allocations_per_call("add"), bounds::kAllocationsOfAdd);
}

TEST(Allocations, OfAStringInAndOut) {
  EXPECT_LE(allocations_per_call("echo"), bounds::kAllocationsOfEcho);
}

TEST(Allocations, OfAVectorOfNumbersIn) {
  EXPECT_LE(allocations_per_call("sum"), bounds::kAllocationsOfSum);
}

TEST(Allocations, OfAVectorOfStructsOut) {
  EXPECT_LE(allocations_per_call("list"), bounds::kAllocationsOfList);
}

TEST(Allocations, OfPipelinedCalls) {
  EXPECT_LE(allocations_per_call("chain"), bounds::kAllocationsOfChain);
}

TEST(Allocations, OfACoroutineThatCallsBack) {
  EXPECT_LE(allocations_per_call("callback"), bounds::kAllocationsOfCallback);
}

TEST(Allocations, OfAWriteToAStream) {
  EXPECT_LE(allocations_per_call("stream"), bounds::kAllocationsOfStream);
}

class Coroutines {
 public:
  capnweb::Task<double> add(double a, double b) const { co_return a + b; }
  // Waits for open_gates().
  capnweb::Task<double> add_later(double a, double b) {
    auto [open, gate] = capnweb::make_promise<double>();
    gates_.push_back(std::move(gate));
    co_return a + b + co_await open;
  }
  void open_gates() {
    for (auto& gate : gates_) gate.resolve(0.0);
    gates_.clear();
  }

  struct Rpc {
    capnweb::Method<&Coroutines::add> add;
    capnweb::Method<&Coroutines::add_later, "addLater"> add_later;
  };

 private:
  std::vector<capnweb::PromiseResolver<double>> gates_;
};

// As above, of a method of Coroutines.
double allocations_per_coroutine(std::string_view method) {
  const auto object = std::make_shared<Coroutines>();
  capnweb::Session server(capnweb::to_value(object));
  capnweb::Outbox outbox;
  std::string message;
  const std::string push =
      std::string(R"(["push",["pipeline",0,[")").append(method).append(R"("],[5,3]]])");
  const auto receive = [&](std::string_view begin, std::int64_t id, std::string_view end) {
    message = begin;
    append_number(message, id);
    server.receive(message += end);
  };
  std::int64_t called = 0;
  std::int64_t answered = 0;
  const auto call = [&] {
    for (std::size_t made = 0; made < kCalls; made += kWindow) {
      for (std::size_t i = 0; i < kWindow; ++i) {
        server.receive(push);
        receive(R"(["pull",)", ++called, "]");
      }
      object->open_gates();
      capnweb::send_output(server, outbox, [&](std::string_view answer) {
        EXPECT_TRUE(answer.starts_with(R"(["resolve",)") && answer.ends_with(",8]")) << answer;
        receive(R"(["release",)", ++answered, ",1]");
      });
    }
  };
  call();
  const std::size_t before = allocation_count();
  call();
  const std::size_t after = allocation_count();
  EXPECT_EQ(answered, 2 * kCalls);
  return static_cast<double>(after - before) / static_cast<double>(kCalls);
}

TEST(Allocations, OfACoroutineThatWaitsForNothing) {
  EXPECT_LE(allocations_per_coroutine("add"), bounds::kAllocationsOfCoroutine);
}

TEST(Allocations, OfACoroutineThatWaits) {
  EXPECT_LE(allocations_per_coroutine("addLater"), bounds::kAllocationsOfCoroutine);
}

}  // namespace
}  // namespace bench
