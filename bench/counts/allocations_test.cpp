// How often the server asks for memory.
#include <gtest/gtest.h>

#include <string_view>

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

}  // namespace
}  // namespace bench
