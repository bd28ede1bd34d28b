#include "session/id_table.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <memory>

namespace capnweb {
namespace {

using Table = IdTable<std::unique_ptr<int>>;

TEST(IdTable, FindsWhatWasInsertedInOrder) {
  Table table;
  for (std::uint64_t id = 1; id <= 100; ++id)
    table.insert(id, std::make_unique<int>(static_cast<int>(id)));
  EXPECT_EQ(table.size(), 100u);
  for (std::uint64_t id = 1; id <= 100; ++id) EXPECT_EQ(**table.find(id), static_cast<int>(id));
  EXPECT_EQ(table.find(0), nullptr);
  EXPECT_EQ(table.find(101), nullptr);
}

TEST(IdTable, TakesEntriesInAnyOrder) {
  Table table;
  for (std::uint64_t id = 1; id <= 40; ++id)
    table.insert(id, std::make_unique<int>(static_cast<int>(id)));
  for (std::uint64_t id : {20u, 1u, 40u, 2u, 39u}) EXPECT_EQ(*table.take(id), static_cast<int>(id));
  EXPECT_EQ(table.find(20), nullptr);
  EXPECT_EQ(table.size(), 35u);
  EXPECT_EQ(**table.find(3), 3);
}

TEST(IdTable, AnEntryLeftBehindDoesNotHoldTheWindowOpen) {
  Table table;
  table.insert(1, std::make_unique<int>(1));
  for (std::uint64_t id = 2; id < 10'000'000; ++id) {
    table.insert(id, std::make_unique<int>(2));
    table.take(id);
  }
  EXPECT_EQ(table.size(), 1u);
  EXPECT_LE(table.window_capacity(), 64u);
  EXPECT_EQ(**table.find(1), 1);
  EXPECT_EQ(*table.take(1), 1);
}

TEST(IdTable, TakesIdsInAnyOrderAndWithGaps_M49) {
  Table table;
  for (std::uint64_t id : {7u, 3u, 1000000u, 999999u, 1u, 2u})
    table.insert(id, std::make_unique<int>(static_cast<int>(id)));
  for (std::uint64_t id : {1000000u, 1u, 3u, 7u, 2u, 999999u}) {
    ASSERT_NE(table.find(id), nullptr) << id;
    EXPECT_EQ(*table.take(id), static_cast<int>(id));
    EXPECT_EQ(table.find(id), nullptr) << id;
  }
  EXPECT_EQ(table.size(), 0u);
}

// How long it takes to insert and find many ids that lie `step` apart.
std::chrono::duration<double> time_of(std::uint64_t step) {
  constexpr std::uint64_t kCount = 60'000;
  const int entry = 0;
  const auto start = std::chrono::steady_clock::now();
  IdTable<const int*> table;
  for (std::uint64_t i = 1; i <= kCount; ++i) table.insert(1000 + i * step, &entry);
  for (std::uint64_t i = 1; i <= kCount; ++i) EXPECT_NE(table.find(1000 + i * step), nullptr);
  return std::chrono::steady_clock::now() - start;
}

// So many buckets a std::unordered_map of that size has: all ids would share one, and take hundreds
// of times as long.
TEST(IdTable, NoChoiceOfIdsMakesItSlow_M5) {
  EXPECT_LT(time_of(85'229).count(), 20 * time_of(85'228).count());
}

TEST(IdTable, TakeAllLeavesItEmptyAndUsable) {
  Table table;
  table.insert(1, std::make_unique<int>(1));
  table.insert(500, std::make_unique<int>(500));
  for (std::uint64_t id = 2; id < 200; ++id) table.insert(id, std::make_unique<int>(2));
  EXPECT_EQ(table.take_all().size(), 200u);
  EXPECT_EQ(table.size(), 0u);
  EXPECT_EQ(table.find(500), nullptr);
  table.insert(501, std::make_unique<int>(501));
  EXPECT_EQ(**table.find(501), 501);
}

}  // namespace
}  // namespace capnweb
