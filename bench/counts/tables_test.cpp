// What is left when all is released: only the main objects.
#include <gtest/gtest.h>

#include "counts/in_memory.hpp"

namespace bench {
namespace {

class Tables : public testing::TestWithParam<const char*> {};

TEST_P(Tables, HoldNothingThatWasReleased_M2) {
  InMemory memory(GetParam());
  memory.call(1000, 50);
  ASSERT_EQ(memory.complaint(), "");
  EXPECT_EQ(memory.server().stats(), (capnweb::Session::Stats{.imports = 1, .exports = 1}));
}

INSTANTIATE_TEST_SUITE_P(AfterCallsOf, Tables,
                         testing::Values("add", "echo", "sum", "list", "chain", "callback"),
                         [](const auto& test) { return test.param; });

}  // namespace
}  // namespace bench
