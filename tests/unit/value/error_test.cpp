#include <gtest/gtest.h>

#include <capnweb/error.hpp>
#include <capnweb/value.hpp>
#include <exception>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "value/expected.hpp"

namespace capnweb {
namespace {

TEST(Error, SaysItsNameUnlessThatIsError) {
  EXPECT_STREQ(Error("text").what(), "text");
  EXPECT_STREQ(Error("").what(), "");
  EXPECT_STREQ(Error("TypeError", "text").what(), "TypeError: text");
  EXPECT_STREQ(Error("TypeError", "").what(), "TypeError");
  EXPECT_STREQ(Error::type_error("a").what(), "TypeError: a");
  EXPECT_STREQ(Error::range_error("a").what(), "RangeError: a");
  EXPECT_STREQ(Error::syntax_error("a").what(), "SyntaxError: a");
  EXPECT_EQ(Error("x").name(), "Error");
  EXPECT_EQ(Error::type_error("a").message(), "a");
}

TEST(Error, CarriesACodeThatJavaScriptSees) {
  const struct {
    Error error;
    const char* code;
  } cases[] = {
      {Error::bad_request("m"), "bad_request"},
      {Error::not_found("m"), "not_found"},
      {Error::cap_revoked("m"), "cap_revoked"},
      {Error::permission_denied("m"), "permission_denied"},
      {Error::canceled("m"), "canceled"},
      {Error::internal("m"), "internal"},
  };
  for (const auto& [error, code] : cases) {
    EXPECT_EQ(error.code(), code);
    EXPECT_EQ(error.properties(), (Object{{"code", code}}));
    EXPECT_STREQ(error.what(), "m");
  }
  EXPECT_EQ(Error("m").code(), "");
  EXPECT_EQ(Error("m").set_property("code", 5).code(), "");
}

TEST(Error, TakesDataAlong) {
  const Error error = Error::not_found("m").with_data(Object{{"id", 7}});
  EXPECT_EQ(error.code(), "not_found");
  EXPECT_EQ(error.properties().find("data")->operator[]("id").get<double>(), 7);
}

TEST(Error, IsSharedUntilChanged) {
  Error original("m");
  Error copy = original;
  copy.set_property("extra", 1).set_stack("at peer");
  EXPECT_TRUE(original.properties().empty());
  EXPECT_EQ(original.stack(), std::nullopt);
  EXPECT_EQ(copy.stack(), "at peer");
  EXPECT_EQ(copy.properties().size(), 1u);
}

TEST(Error, CanBeReadAfterAMove) {
  Error error("m");
  const Error moved = std::move(error);
  EXPECT_STREQ(error.what(), "m");  // NOLINT(bugprone-use-after-move): that is the promise
  EXPECT_EQ(moved, error);
}

TEST(Error, HasItsCauseAmongItsProperties_V38) {
  EXPECT_EQ(Error("m").cause(), nullptr);
  const Error error = Error("m").set_property("cause", Error::range_error("inner"));
  ASSERT_NE(error.cause(), nullptr);
  EXPECT_EQ(error.cause()->get<Error>().name(), "RangeError");
}

TEST(Error, CarriesThrownValues_V44) {
  const struct {
    Value value;
    const char* what;
  } cases[] = {
      {"oops", "oops"}, {nullptr, "null"}, {Value(), "undefined"}, {5.5, "5.5"},
      {true, "true"},   {false, "false"},  {BigInt(-3), "-3"},     {Object{{"code", 1}}, "object"},
  };
  for (const auto& [value, what] : cases) {
    const Error error = Error::thrown(value);
    EXPECT_STREQ(error.what(), what);
    ASSERT_NE(error.thrown_value(), nullptr);
    EXPECT_EQ(*error.thrown_value(), value);
  }
  EXPECT_EQ(Error("m").thrown_value(), nullptr);
}

TEST(Error, IsItselfWhenThrownAsAValue) {
  const Error error = Error::thrown(Error::type_error("m"));
  EXPECT_EQ(error.thrown_value(), nullptr);
  EXPECT_EQ(error, Error::type_error("m"));
}

template <class T>
Error caught(const T& thrown) {
  return Error::from_exception(std::make_exception_ptr(thrown));
}

TEST(Error, ComesFromAnyException) {
  const Error own = caught(Error::type_error("own"));
  EXPECT_STREQ(own.what(), "TypeError: own");
  EXPECT_FALSE(own.is_foreign());
  const Error foreign = caught(std::runtime_error("disk is full"));
  EXPECT_STREQ(foreign.what(), "disk is full");
  EXPECT_TRUE(foreign.is_foreign());
  EXPECT_STREQ(caught(5).what(), "unknown exception");
  EXPECT_TRUE(caught(5).is_foreign());
  EXPECT_STREQ(Error::from_exception(nullptr).what(), "unknown exception");
}

TEST(Error, IsEqualInWhatCrosses) {
  const Error error = Error::type_error("m").set_property("a", 1);
  EXPECT_EQ(error, Error::type_error("m").set_property("a", 1));
  EXPECT_EQ(error, Error(error).set_stack("at x"));
  EXPECT_NE(error, Error::type_error("m"));
  EXPECT_NE(error, Error::range_error("m").set_property("a", 1));
  EXPECT_NE(error, Error::type_error("n").set_property("a", 1));
  EXPECT_NE(Error::thrown("m"), Error("m"));
}

TEST(Expected, HoldsAResultOrAnError) {
  Expected<std::string> good = std::string("abc");
  ASSERT_TRUE(good);
  EXPECT_EQ(good->size(), 3u);
  EXPECT_EQ(*std::move(good), "abc");
  Expected<std::string> bad = Error("m");
  ASSERT_FALSE(bad);
  EXPECT_STREQ(bad.error().what(), "m");
  EXPECT_STREQ(std::as_const(bad).error().what(), "m");
}

}  // namespace
}  // namespace capnweb
