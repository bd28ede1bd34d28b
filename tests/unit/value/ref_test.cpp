#include <gtest/gtest.h>

#include <capnweb/detail/ref.hpp>
#include <utility>

namespace capnweb::detail {
namespace {

class Link : public RefCounted {
 public:
  explicit Link(int& alive) : alive_(alive) { ++alive_; }
  ~Link() override { --alive_; }

  Ref<Link> next;

 private:
  int& alive_;
};

TEST(Ref, DestroysWithTheLastReference) {
  int alive = 0;
  auto first = make_ref<Link>(alive);
  EXPECT_TRUE(first->is_unique());
  Ref<Link> second = first;
  EXPECT_EQ(first, second);
  EXPECT_FALSE(first->is_unique());
  first = nullptr;
  EXPECT_FALSE(first);
  EXPECT_EQ(alive, 1);
  Ref<RefCounted> third = std::move(second);
  EXPECT_EQ(alive, 1);
  third = nullptr;
  EXPECT_EQ(alive, 0);
}

TEST(Ref, ReleaseKeepsTheCount) {
  int alive = 0;
  auto ref = make_ref<Link>(alive);
  Link* const link = ref.release();
  EXPECT_FALSE(ref);
  EXPECT_EQ(alive, 1);
  link->drop_ref();
  EXPECT_EQ(alive, 0);
}

TEST(Ref, DestroysLongChainsWithoutDeepRecursion) {
  int alive = 0;
  Ref<Link> head;
  constexpr int kLinks = 1'000'000;
  for (int i = 0; i < kLinks; ++i) {
    auto link = make_ref<Link>(alive);
    link->next = std::move(head);
    head = std::move(link);
  }
  EXPECT_EQ(alive, kLinks);
  head = nullptr;
  EXPECT_EQ(alive, 0);
}

}  // namespace
}  // namespace capnweb::detail
