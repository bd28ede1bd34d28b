#include <gtest/gtest.h>

#include <algorithm>
#include <capnweb/value.hpp>
#include <chrono>
#include <map>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "value/keyed_hash.hpp"

namespace capnweb {
namespace {

std::string keys(const Object& object) {
  std::string text;
  for (const auto& [key, value] : object) text += key + ' ';
  return text;
}

TEST(Object, KeepsTheOrderOfItsKeys_V5) {
  Object object;
  object.set("b", 1);
  object.set("a", 2);
  object["10"] = 3;
  object.set("b", 4);  // keeps its place
  EXPECT_EQ(keys(object), "b a 10 ");
  EXPECT_EQ(object.find("b")->get<double>(), 4);
  EXPECT_EQ(object.size(), 3u);
}

TEST(Object, AddsUndefinedForANewKey) {
  Object object;
  EXPECT_TRUE(object["new"].is_undefined());
  EXPECT_TRUE(object.contains("new"));
  EXPECT_FALSE(object.contains("other"));
  EXPECT_EQ(std::as_const(object).find("other"), nullptr);
}

TEST(Object, LetsTheLastOfEqualKeysWin_V2) {
  const Object object = {{"a", 1}, {"b", 2}, {"a", 3}};
  EXPECT_EQ(keys(object), "a b ");
  EXPECT_EQ(object.find("a")->get<double>(), 3);
}

TEST(Object, ErasesWithoutDisturbingTheRest) {
  Object object = {{"a", 1}, {"b", 2}, {"c", 3}};
  EXPECT_TRUE(object.erase("b"));
  EXPECT_FALSE(object.erase("b"));
  EXPECT_EQ(keys(object), "a c ");
  EXPECT_EQ(object.find("c")->get<double>(), 3);
}

TEST(Object, ComparesWithoutRegardToOrder) {
  const Object object = {{"a", 1}, {"b", Array{1, 2}}};
  EXPECT_EQ(object, (Object{{"b", Array{1, 2}}, {"a", 1}}));
  EXPECT_NE(object, (Object{{"a", 1}}));
  EXPECT_NE(object, (Object{{"a", 1}, {"c", Array{1, 2}}}));
  EXPECT_NE(object, (Object{{"a", 1}, {"b", Array{1, 3}}}));
}

TEST(Object, CopiesAndMoves) {
  for (const int size : {3, 100}) {
    Object object;
    for (int i = 0; i < size; ++i) object.set("key " + std::to_string(i), i);
    Object copy = object;
    EXPECT_EQ(copy, object);
    copy.set("key 1", "changed");
    EXPECT_EQ(object.find("key 1")->get<double>(), 1);
    Object moved = std::move(copy);
    EXPECT_EQ(moved.find("key 1")->get<std::string>(), "changed");
    Object assigned;
    assigned = object;
    EXPECT_EQ(assigned, object);
    const Object& self = assigned;
    assigned = self;
    EXPECT_EQ(assigned, object);
    assigned = std::move(moved);
    EXPECT_EQ(assigned.find("key 1")->get<std::string>(), "changed");
    EXPECT_EQ(assigned.size(), static_cast<std::size_t>(size));
  }
}

// Against a plain model, around and far beyond the size from which a table is kept.
TEST(Object, FindsWhatIsThereAtEverySize) {
  std::mt19937 random(12);
  for (const unsigned range : {4u, 16u, 20u, 40u, 1000u}) {
    Object object;
    std::vector<std::pair<std::string, double>> model;
    const auto place = [&model](const std::string& key) {
      return std::ranges::find(model, key, &std::pair<std::string, double>::first);
    };
    for (int step = 0; step < 4000; ++step) {
      const std::string key = std::to_string(random() % range);
      const auto found = place(key);
      if (random() % 3 == 0) {
        ASSERT_EQ(object.erase(key), found != model.end());
        if (found != model.end()) model.erase(found);
      } else if (found != model.end()) {
        object.set(key, found->second = step);
      } else {
        object[key] = step;
        model.emplace_back(key, step);
      }
      const std::string other = std::to_string(random() % range);
      const Value* value = object.find(other);
      ASSERT_EQ(value != nullptr, place(other) != model.end());
      if (value) {
        ASSERT_EQ(value->get<double>(), place(other)->second);
      }
    }
    ASSERT_EQ(object.size(), model.size());
    ASSERT_TRUE(std::ranges::equal(object, model, [](const auto& entry, const auto& expected) {
      return entry.first == expected.first && entry.second == Value(expected.second);
    }));
  }
}

TEST(Object, TakesAsManyKeysAsAPeerSends) {
  Object object;
  constexpr int kKeys = 300'000;
  // In quadratic time this would take minutes.
  for (int i = 0; i < kKeys; ++i) object.set(std::to_string(i), i);
  for (int i = 0; i < kKeys; ++i) object.set(std::to_string(i), -i);
  EXPECT_EQ(object.size(), static_cast<std::size_t>(kKeys));
  EXPECT_EQ(object.find("299999")->get<double>(), -299'999);
  EXPECT_EQ(object.find("300000"), nullptr);
}

TEST(KeyedHash, SpreadsSimilarTexts) {
  std::map<std::uint64_t, int> buckets;
  constexpr int kTexts = 64 * 1000;
  for (int i = 0; i < kTexts; ++i) ++buckets[keyed_hash(std::to_string(i)) & 63];
  ASSERT_EQ(buckets.size(), 64u);
  for (const auto& [bucket, count] : buckets) {
    EXPECT_GT(count, 800);
    EXPECT_LT(count, 1200);
  }
}

TEST(KeyedHash, TellsTextsOfEveryLengthApart) {
  std::map<std::uint64_t, std::size_t> seen;
  for (std::size_t size = 0; size < 300; ++size) {
    const std::string text(size, '\0');
    EXPECT_EQ(keyed_hash(text), keyed_hash(text));
    EXPECT_TRUE(seen.emplace(keyed_hash(text), size).second) << size;
  }
}

}  // namespace
}  // namespace capnweb
