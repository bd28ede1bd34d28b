#include <gtest/gtest.h>

#include <capnweb/value.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace capnweb {
namespace {

template <class F>
std::string error_of(F&& f) {
  try {
    f();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(Headers, TravelSortedAndJoined_V46) {
  const Headers headers = {{"X-A", "1"}, {"set-cookie", "x"}, {"B", "1"},
                           {"b", "2"},   {"Set-Cookie", "y"}, {"accept", ""}};
  const std::vector<Headers::Pair> expected = {
      {"accept", ""}, {"b", "1, 2"}, {"set-cookie", "x"}, {"set-cookie", "y"}, {"x-a", "1"}};
  EXPECT_EQ(headers.sorted(), expected);
  EXPECT_EQ(headers.pairs().size(), 6u);
  EXPECT_EQ(headers.pairs()[0].first, "x-a");
}

TEST(Headers, GetJoinsTheValuesOfAName) {
  const Headers headers = {
      {"a", "1"}, {"b", "2"}, {"A", "3"}, {"set-cookie", "x"}, {"set-cookie", "y"}};
  EXPECT_EQ(*headers.get("A"), "1, 3");
  EXPECT_EQ(*headers.get("Set-Cookie"), "x, y");
  EXPECT_EQ(headers.get("c"), nullptr);
  EXPECT_EQ(headers.get("not a name"), nullptr);
}

TEST(Headers, SetReplacesAllOfAName) {
  Headers headers = {{"a", "1"}, {"b", "2"}, {"a", "3"}};
  headers.set("A", " 9 ");
  headers.set("c", "4");
  const std::vector<Headers::Pair> expected = {{"a", "9"}, {"b", "2"}, {"c", "4"}};
  EXPECT_EQ(headers.pairs(), expected);
  headers.erase("B");
  EXPECT_EQ(headers.get("b"), nullptr);
  EXPECT_FALSE(headers.empty());
}

TEST(Headers, RefuseIllegalNames_V46) {
  Headers headers;
  EXPECT_EQ(error_of([&] { headers.append("a b", "1"); }),
            "TypeError: Headers.append: \"a b\" is an invalid header name.");
  EXPECT_EQ(error_of([&] { headers.set("", "1"); }),
            "TypeError: Headers.set: \"\" is an invalid header name.");
  for (const std::string_view name :
       {std::string_view("a:"), std::string_view("\u00e9"), std::string_view("a\0", 2),
        std::string_view("a\n"), std::string_view("(a)"), std::string_view("a\x7f")})
    EXPECT_NE(error_of([&] { headers.append(name, "1"); }), "no error") << name;
  EXPECT_TRUE(headers.empty());
  EXPECT_EQ(error_of([&] { headers.append("!#$%&'*+-.^_`|~09azAZ", "1"); }), "no error");
}

TEST(Headers, RefuseIllegalValues_V46) {
  Headers headers;
  EXPECT_EQ(error_of([&] { headers.append("a", "x\ny"); }),
            "TypeError: Headers.append: \"x\ny\" is an invalid header value.");
  EXPECT_EQ(error_of([&] { headers.set("a", "x\ry"); }),
            "TypeError: Headers.set: \"x\ry\" is an invalid header value.");
  EXPECT_NE(error_of([&] { headers.append("a", std::string_view("x\0y", 3)); }), "no error");
  EXPECT_TRUE(headers.empty());
}

TEST(Headers, TrimValues) {
  const Headers headers = {{"a", " \t\r\nx y\t \n"}, {"b", " \t"}};
  EXPECT_EQ(*headers.get("a"), "x y");
  EXPECT_EQ(*headers.get("b"), "");
}

TEST(Headers, AreEqualWhenTheyTravelAlike) {
  EXPECT_EQ((Headers{{"A", "1"}, {"b", "2"}, {"a", "3"}}), (Headers{{"b", "2"}, {"a", "1, 3"}}));
  EXPECT_NE((Headers{{"a", "1"}}), (Headers{{"a", "2"}}));
}

}  // namespace
}  // namespace capnweb
