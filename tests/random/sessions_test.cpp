#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

#include "random/encounter.hpp"

namespace capnweb::testing {
namespace {

class RandomSessions : public ::testing::TestWithParam<unsigned> {};

TEST_P(RandomSessions, GiveWhatAPlaygroundAtHandGives) {
  constexpr std::size_t kSteps = 2000;
  SeededChoices choices(GetParam());
  const auto alices = make_program(choices, kSteps, Partner::kOurs);
  const auto bobs = make_program(choices, kSteps, Partner::kOurs);
  EXPECT_EQ(play_together(alices, bobs, choices), "")
      << "CAPNWEB_RANDOM_SEED=" << GetParam() << " plays it again";
}

std::vector<unsigned> seeds() {
  if (const char* seed = std::getenv("CAPNWEB_RANDOM_SEED"))
    return {static_cast<unsigned>(std::strtoul(seed, nullptr, 10))};
  return {1, 2, 3, 4, 5, 6, 7, 8};
}
INSTANTIATE_TEST_SUITE_P(Seeds, RandomSessions, ::testing::ValuesIn(seeds()));

}  // namespace
}  // namespace capnweb::testing
