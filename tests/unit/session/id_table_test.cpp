#include "session/id_table.hpp"

#include <gtest/gtest.h>

#include <memory>

namespace capnweb {
namespace {

using Table = IdTable<std::unique_ptr<int>>;

TEST(IdTable, FindsWhatWasInsertedInOrder) {
  Table table;
  for (std::uint64_t id = 1; id <= 100; ++id) table.insert(id, std::make_unique<int>(id));
  EXPECT_EQ(table.size(), 100u);
  for (std::uint64_t id = 1; id <= 100; ++id) EXPECT_EQ(**table.find(id), static_cast<int>(id));
  EXPECT_EQ(table.find(0), nullptr);
  EXPECT_EQ(table.find(101), nullptr);
}

TEST(IdTable, TakesEntriesInAnyOrder) {
  Table table;
  for (std::uint64_t id = 1; id <= 40; ++id) table.insert(id, std::make_unique<int>(id));
  for (std::uint64_t id : {20, 1, 40, 2, 39}) EXPECT_EQ(*table.take(id), static_cast<int>(id));
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
  for (std::uint64_t id : {7, 3, 1'000'000, 999'999, 1, 2}) table.insert(id, std::make_unique<int>(id));
  for (std::uint64_t id : {1'000'000, 1, 3, 7, 2, 999'999}) {
    ASSERT_NE(table.find(id), nullptr) << id;
    EXPECT_EQ(*table.take(id), static_cast<int>(id));
    EXPECT_EQ(table.find(id), nullptr) << id;
  }
  EXPECT_EQ(table.size(), 0u);
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
