#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <capnweb/contract.hpp>
#include <capnweb/function.hpp>
#include <capnweb/structs.hpp>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "unit/api/run.hpp"

namespace capnweb::testing {
namespace {

enum class Colour { red, green, blue };
enum Old : unsigned char { kOne = 1, kTwo = 2 };
enum class Code : int { kLow = -3, kHigh = 200 };

struct Empty {};
struct One {
  std::string only;
};
struct User {
  int id;
  std::string name;
  std::optional<std::string> email = {};
  Colour colour = Colour::red;
  std::map<std::string, std::vector<int>> scores = {};
};
struct Tree {
  std::string label;
  std::vector<Tree> children = {};
};
struct Mixed {
  Value any;
  Array list;
  Object object;
  Bytes bytes;
  BigInt big;
  Date date;
  std::variant<int, std::string> either;
  std::tuple<int, bool> tuple;
  Stub<> stub;
  Function<void()> function;
  Promise<int> promise;
  User user;
};

class Point {
 public:
  Point() = default;
  Point(double x, double y) : x_(x), y_(y) {}
  double length2() const { return x_ * x_ + y_ * y_; }

 private:
  double x_ = 0, y_ = 0;

 public:
  using Fields = capnweb::Fields<&Point::x_, capnweb::field<&Point::y_, "y">>;
};

struct Foreign {
  int a = 0;
  int array[2] = {1, 2};
};
struct Named {
  int id = 0;
};
struct Child : Named {
  std::string name;
  using Fields = capnweb::Fields<&Child::id, &Child::name>;
};

struct Wide {
  int f0, f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15, f16, f17, f18, f19, f20,
      f21, f22, f23, f24, f25, f26, f27, f28, f29, f30, f31, f32, f33, f34, f35, f36, f37, f38, f39,
      f40, f41, f42, f43, f44, f45, f46, f47, f48, f49, f50, f51, f52, f53, f54, f55, f56, f57, f58,
      f59, f60, f61, f62;
  std::string last;
};

}  // namespace
}  // namespace capnweb::testing

template <>
struct capnweb::FieldsOf<capnweb::testing::Foreign>
    : capnweb::Fields<&capnweb::testing::Foreign::a> {};
template <>
struct capnweb::EnumRange<capnweb::testing::Code> {
  static constexpr int kLeast = -5;
  static constexpr int kMost = 200;
};

namespace capnweb::testing {
namespace {

TEST(Structs, AreObjectsInTheOrderOfTheirMembers) {
  const Value value = to_value(User{.id = 1, .name = "a", .email = "e", .colour = Colour::green});
  std::string keys;
  for (const auto& [key, item] : value.get<Object>()) keys += key + " ";
  EXPECT_EQ(keys, "id name email colour scores ");
  EXPECT_EQ(value["colour"], Value("green"));
}

TEST(Structs, LeaveEmptyOptionalsOut) {
  EXPECT_FALSE(to_value(User{.id = 1, .name = "a"}).get<Object>().contains("email"));
}

TEST(Structs, RoundTrip) {
  const User user{
      .id = 1, .name = "a", .email = "e", .colour = Colour::blue, .scores = {{"x", {1, 2}}}};
  const User got = from_value<User>(to_value(user));
  EXPECT_EQ(got.id, 1);
  EXPECT_EQ(got.name, "a");
  EXPECT_EQ(got.email, "e");
  EXPECT_EQ(got.colour, Colour::blue);
  EXPECT_EQ(got.scores.at("x")[1], 2);
  EXPECT_EQ(from_value<One>(Object{{"only", "one"}}).only, "one");
  EXPECT_EQ(to_value(Empty{}), Value(Object{}));
}

TEST(Structs, IgnoreUnknownAndRefuseMissingMembers) {
  EXPECT_EQ(from_value<One>(Object{{"other", 1}, {"only", "x"}}).only, "x");
  Mismatch why;
  EXPECT_FALSE(Convert<One>::decode(Object{}, why));
  EXPECT_EQ(why.path + why.expected + why.got, ".onlystringundefined");
  EXPECT_FALSE(Convert<One>::decode(Value(1), why));
  EXPECT_EQ(why.path + why.expected + why.got, "objectnumber");
}

TEST(Structs, MayContainThemselves) {
  const Tree tree{"root", {{"left", {}}, {"right", {{"leaf", {}}}}}};
  const Tree got = from_value<Tree>(to_value(tree));
  EXPECT_EQ(got.children[1].children[0].label, "leaf");
  Mismatch why;
  const Object bad{{"label", 1}, {"children", Array{}}};
  EXPECT_FALSE(Convert<Tree>::decode(Object{{"label", "a"}, {"children", Array{bad}}}, why));
  EXPECT_EQ(why.path, ".children[0].label");
}

TEST(Structs, MayHoldAnythingThatCrosses) {
  Mixed mixed{};
  mixed.any = "any";
  mixed.either = "text";
  mixed.tuple = {4, true};
  mixed.function = [] {};
  mixed.promise = Promise<int>(detail::make_resolved(3));
  mixed.stub = Function<void()>([] {});
  mixed.date = Date{1};
  const Value value = to_value(mixed);
  EXPECT_EQ(value.get<Object>().size(), 12u);
  EXPECT_EQ(value["promise"].kind(), Kind::kPromise);
  const Mixed got = from_value<Mixed>(value);
  EXPECT_EQ(got.any, Value("any"));
  EXPECT_EQ(got.stub, mixed.stub);
  EXPECT_EQ(std::get<std::string>(got.either), "text");
}

TEST(Structs, ListTheirFields) {
  const Value value = to_value(Point(3, 4));
  const Value expected = Object{{"x_", 3}, {"y", 4}};
  EXPECT_EQ(value, expected);
  EXPECT_EQ(from_value<Point>(value).length2(), 25);
  EXPECT_EQ(to_value(Foreign{.a = 5}), Value(Object{{"a", 5}}));
  Child child;
  child.id = 7;
  child.name = "c";
  EXPECT_EQ(from_value<Child>(to_value(child)).id, 7);
}

TEST(Structs, HaveUpTo64Members) {
  Wide wide{};
  wide.f62 = 62;
  wide.last = "last";
  const Value value = to_value(wide);
  EXPECT_EQ(value.get<Object>().size(), 64u);
  EXPECT_EQ(value["f62"], Value(62));
  EXPECT_EQ(from_value<Wide>(value).last, "last");
}

TEST(Structs, MembersHaveNames) {
  EXPECT_EQ(detail::member_name<User>(&User::colour), "colour");
  EXPECT_EQ(detail::member_name<Child>(&Child::name), "name");
  EXPECT_EQ(detail::member_name<Child>(static_cast<int Child::*>(&Child::id)), "id");
  EXPECT_THROW(detail::member_name<Foreign>(&Foreign::array), std::logic_error);
}

TEST(Enums, TravelByName) {
  EXPECT_EQ(to_value(Colour::blue), Value("blue"));
  EXPECT_EQ(from_value<Colour>("green"), Colour::green);
  EXPECT_EQ(from_value<Old>("kTwo"), kTwo);
  EXPECT_EQ(to_value(kOne), Value("kOne"));
  EXPECT_EQ(from_value<Code>("kLow"), Code::kLow);
  EXPECT_EQ(from_value<Code>("kHigh"), Code::kHigh);
  EXPECT_EQ(to_value(Code::kHigh), Value("kHigh"));
}

TEST(Enums, RefuseOtherNames) {
  Mismatch why;
  EXPECT_FALSE(Convert<Colour>::decode("pink", why));
  EXPECT_EQ(why.expected, R"("red"|"green"|"blue")");
  EXPECT_EQ(why.got, R"("pink")");
  EXPECT_FALSE(Convert<Colour>::decode("", why));
  EXPECT_FALSE(Convert<Colour>::decode(Value(1), why));
  EXPECT_EQ(why.got, "number");
  EXPECT_FALSE(Convert<Old>::decode("0", why));
}

TEST(Enums, ValuesWithoutANameAreARangeError) {
  EXPECT_THROW(to_value(static_cast<Colour>(3)), Error);
  EXPECT_THROW(to_value(static_cast<Colour>(-1)), Error);
  EXPECT_THROW(to_value(static_cast<Colour>(1000)), Error);
}

}  // namespace
}  // namespace capnweb::testing
