#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <capnweb/contract.hpp>
#include <capnweb/convert.hpp>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <tuple>
#include <unordered_map>
#include <variant>
#include <vector>

namespace capnweb::testing {
namespace {

using ::testing::ElementsAre;

constexpr double kTwoTo53 = 9007199254740992.0;
constexpr double kTwoTo63 = 9223372036854775808.0;
constexpr double kInfinity = std::numeric_limits<double>::infinity();

// "path: expected x, got y", or "" if the value fits.
template <class T>
std::string refusal(Value value) {
  Mismatch why;
  if (Convert<T>::decode(std::move(value), why)) return "";
  return why.path + ": expected " + why.expected + ", got " + why.got;
}
template <class T>
T round_trip(const T& value) {
  return from_value<T>(to_value(value));
}

TEST(ConvertNumbers, Booleans) {
  EXPECT_EQ(to_value(true), Value(true));
  EXPECT_EQ(from_value<bool>(false), false);
  EXPECT_EQ(refusal<bool>(1), ": expected boolean, got number");
  EXPECT_EQ(refusal<int>(true), ": expected number, got boolean");
}

TEST(ConvertNumbers, IntegersAreWholeAndInRange) {
  EXPECT_EQ(from_value<int>(-5), -5);
  EXPECT_EQ(from_value<std::uint8_t>(255), 255);
  EXPECT_EQ(from_value<std::int8_t>(-128), -128);
  EXPECT_EQ(from_value<int>(-0.0), 0);
  EXPECT_EQ(refusal<std::uint8_t>(256), ": expected integer from 0 to 255, got 256");
  EXPECT_EQ(refusal<std::uint8_t>(-1), ": expected integer from 0 to 255, got -1");
  EXPECT_EQ(refusal<std::int8_t>(-129), ": expected integer from -128 to 127, got -129");
  EXPECT_EQ(refusal<short>(0.5), ": expected integer from -32768 to 32767, got 0.5");
  EXPECT_EQ(refusal<unsigned short>(std::nan("")), ": expected integer from 0 to 65535, got NaN");
  EXPECT_EQ(refusal<std::uint32_t>(-kInfinity),
            ": expected integer from 0 to 4294967295, got -Infinity");
  EXPECT_EQ(refusal<int>("1"), ": expected number, got string");
  EXPECT_EQ(refusal<int>(Value()), ": expected number, got undefined");
}

TEST(ConvertNumbers, Integers64AreNumbersWhileExactAndBigintsBeyond) {
  EXPECT_EQ(to_value(std::int64_t{1} << 53).kind(), Kind::kNumber);
  EXPECT_EQ(to_value((std::int64_t{1} << 53) + 1).kind(), Kind::kBigInt);
  for (const std::int64_t n :
       {std::int64_t{0}, std::int64_t{1} << 53, (std::int64_t{1} << 53) + 1,
        std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()})
    EXPECT_EQ(round_trip(n), n);
  const auto most = std::numeric_limits<std::uint64_t>::max();
  EXPECT_EQ(round_trip(most), most);
  EXPECT_EQ(from_value<std::int64_t>(BigInt(7)), 7);
  EXPECT_EQ(from_value<int>(BigInt(7)), 7);
  EXPECT_EQ(from_value<std::int64_t>(-kTwoTo63), std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(from_value<std::uint64_t>(kTwoTo63), std::uint64_t{1} << 63);
}

TEST(ConvertNumbers, Integers64RefuseWhatDoesNotFit) {
  EXPECT_EQ(refusal<std::int64_t>(kTwoTo63),
            ": expected integer from -9223372036854775808 to 9223372036854775807, got "
            "9223372036854776000");
  EXPECT_EQ(refusal<std::uint64_t>(-1.0),
            ": expected integer from 0 to 18446744073709551615, got -1");
  EXPECT_EQ(refusal<std::uint64_t>(2 * kTwoTo63).substr(0, 20), ": expected integer f");
  EXPECT_EQ(refusal<std::int64_t>(kInfinity).substr(0, 20), ": expected integer f");
  EXPECT_EQ(refusal<std::uint64_t>(BigInt(-1)),
            ": expected integer from 0 to 18446744073709551615, got -1");
  EXPECT_EQ(refusal<int>(*BigInt::parse("1" + std::string(50, '0'))),
            ": expected integer from -2147483648 to 2147483647, got bigint");
}

TEST(ConvertNumbers, FloatingPoint) {
  EXPECT_EQ(from_value<double>(1.5), 1.5);
  EXPECT_TRUE(std::isnan(from_value<double>(std::nan(""))));
  EXPECT_EQ(from_value<float>(0.1), 0.1f);
  EXPECT_EQ(from_value<float>(kInfinity), std::numeric_limits<float>::infinity());
  EXPECT_EQ(refusal<float>(1e300), ": expected number that a float can hold, got 1e+300");
  EXPECT_EQ(refusal<double>(BigInt(1)), ": expected number, got bigint");
  EXPECT_EQ(round_trip(2.5L), 2.5L);
}

TEST(ConvertNumbers, BigInts) {
  const BigInt large = *BigInt::parse("123456789012345678901234567890");
  EXPECT_EQ(round_trip(large), large);
  EXPECT_EQ(from_value<BigInt>(12), BigInt(12));
  EXPECT_EQ(from_value<BigInt>(-kTwoTo53), BigInt(-(std::int64_t{1} << 53)));
  EXPECT_EQ(refusal<BigInt>("1"), ": expected bigint, got string");
  EXPECT_NE(refusal<BigInt>(1.5), "");
}

TEST(ConvertTexts, StringsMoveOut) {
  Value value(std::string(100, 'x'));
  const char* place = value.get_if<std::string>()->data();
  Mismatch why;
  const auto text = Convert<std::string>::decode(std::move(value), why);
  EXPECT_EQ(text->data(), place);
  EXPECT_EQ(refusal<std::string>(nullptr), ": expected string, got null");
  EXPECT_EQ(to_value("literal"), Value("literal"));
  EXPECT_EQ(to_value(std::string_view("view")), Value("view"));
}

TEST(ConvertTexts, ViewsPointIntoTheValue) {
  const Value value(std::string(100, 'x'));
  Mismatch why;
  EXPECT_EQ(Convert<std::string_view>::decode(value, why)->data(),
            value.get_if<std::string>()->data());
  EXPECT_EQ(refusal<std::string_view>(1), ": expected string, got number");
}

TEST(ConvertBytes, OfAnyContainer) {
  const std::vector<std::byte> data{std::byte{1}, std::byte{2}};
  EXPECT_EQ(to_value(data), Value(Bytes(data)));
  EXPECT_EQ(to_value(std::span<const std::byte>(data)), Value(Bytes(data)));
  EXPECT_EQ(from_value<std::vector<std::byte>>(Bytes(data, BytesKind::kArrayBuffer)), data);
  EXPECT_EQ(from_value<Bytes>(Bytes(data, BytesKind::kDataView)).kind(), BytesKind::kDataView);
  EXPECT_EQ(refusal<Bytes>("x"), ": expected bytes, got string");
  EXPECT_EQ(refusal<std::vector<std::byte>>(Array{1, 2}), ": expected bytes, got array");
  EXPECT_EQ(refusal<std::span<const std::byte>>(1), ": expected bytes, got number");
}

TEST(ConvertBytes, TypedArraysKeepTheirKind_V19_V20) {
  const TypedArray<float> floats{1.5f, -2};
  const Value sent = to_value(floats);
  EXPECT_EQ(sent.get<Bytes>().kind(), BytesKind::kFloat32Array);
  EXPECT_EQ(sent.get<Bytes>().vector()[2], std::byte{0xC0});  // 1.5f is 0x3FC00000
  EXPECT_EQ(from_value<TypedArray<float>>(sent), floats);
  EXPECT_EQ(round_trip(TypedArray<std::int64_t>{-1, 2}), (TypedArray<std::int64_t>{-1, 2}));
  EXPECT_EQ(round_trip(TypedArray<std::uint8_t>{}), TypedArray<std::uint8_t>{});
  EXPECT_EQ(refusal<TypedArray<double>>(sent), ": expected Float64Array, got Float32Array");
  EXPECT_EQ(refusal<TypedArray<double>>(Array{1}), ": expected Float64Array, got array");
  EXPECT_EQ(to_value(std::vector<float>{1.5f}), Value(Array{1.5}));
}

TEST(ConvertDates, TimePointsAreWholeMilliseconds_V16) {
  using std::chrono::sys_time;
  using namespace std::chrono_literals;
  const sys_time<std::chrono::nanoseconds> before(-1ns);
  EXPECT_EQ(to_value(before), Value(Date{-1}));
  const sys_time<std::chrono::milliseconds> time(1234ms);
  EXPECT_EQ(round_trip(time), time);
  EXPECT_EQ(from_value<std::chrono::system_clock::time_point>(Date{1234}), time);
  EXPECT_EQ(from_value<sys_time<std::chrono::seconds>>(Date{-1}),
            sys_time<std::chrono::seconds>(-1s));
  EXPECT_EQ(refusal<std::chrono::system_clock::time_point>(Date{}),
            ": expected valid Date, got an invalid one");
  EXPECT_EQ(refusal<std::chrono::system_clock::time_point>(Date{8.64e15}),
            ": expected Date of a year that fits the clock, got one beyond");
  EXPECT_EQ(refusal<std::chrono::system_clock::time_point>(1), ": expected Date, got number");
  EXPECT_EQ(from_value<Date>(Date{5}), Date{5});
}

TEST(ConvertKinds, WhatAValueHoldsAsItIs) {
  EXPECT_EQ(round_trip(Url{"https://a/"}), Url{"https://a/"});
  EXPECT_EQ(round_trip(Error::type_error("no")), Error::type_error("no"));
  EXPECT_EQ(round_trip(Object{{"a", 1}}), (Object{{"a", 1}}));
  EXPECT_EQ(round_trip(Array{1, "a"}), (Array{1, "a"}));
  EXPECT_EQ(round_trip(Value(5)), Value(5));
  EXPECT_EQ(from_value<Request>(to_value(Request{.url = "https://a/"})).url, "https://a/");
  EXPECT_EQ(from_value<Response>(to_value(Response{.status = 404})).status, 404);
  EXPECT_EQ(from_value<Headers>(to_value(Headers{{"a", "b"}})).pairs().size(), 1u);
  EXPECT_EQ(from_value<std::nullptr_t>(nullptr), nullptr);
  EXPECT_EQ(refusal<std::nullptr_t>(Value()), ": expected null, got undefined");
  EXPECT_EQ(refusal<Null>(1), ": expected null, got number");
  EXPECT_EQ(refusal<Undefined>(1), ": expected undefined, got number");
  EXPECT_EQ(refusal<Url>(1), ": expected URL, got number");
  EXPECT_EQ(refusal<Error>(1), ": expected Error, got number");
  EXPECT_EQ(refusal<Headers>(1), ": expected Headers, got number");
  EXPECT_EQ(refusal<Request>(1), ": expected Request, got number");
  EXPECT_EQ(refusal<Response>(1), ": expected Response, got number");
  EXPECT_EQ(refusal<Blob>(1), ": expected Blob, got number");
  EXPECT_EQ(refusal<Date>(1), ": expected Date, got number");
}

TEST(ConvertContainers, VectorsAndArrays) {
  EXPECT_EQ(to_value(std::vector<int>{1, 2}), Value(Array{1, 2}));
  EXPECT_THAT(from_value<std::vector<bool>>(Array{true, false}), ElementsAre(true, false));
  EXPECT_EQ(to_value(std::vector<bool>{true}), Value(Array{true}));
  EXPECT_EQ(round_trip(std::vector<std::vector<std::string>>{{"a"}, {}}),
            (std::vector<std::vector<std::string>>{{"a"}, {}}));
  EXPECT_EQ(refusal<std::vector<int>>(Array{1, "x"}), "[1]: expected number, got string");
  EXPECT_EQ(refusal<std::vector<int>>(1), ": expected array, got number");
  EXPECT_EQ(round_trip(std::array<int, 2>{1, 2}), (std::array<int, 2>{1, 2}));
  EXPECT_EQ((refusal<std::array<int, 2>>(Array{1})), "[1]: expected number, got undefined");
  EXPECT_EQ((refusal<std::array<int, 2>>(Array{1, 2, 3})), ": expected array of 2, got array of 3");
}

TEST(ConvertContainers, Maps) {
  const std::map<std::string, int> ordered{{"a", 1}, {"b", 2}};
  EXPECT_EQ(to_value(ordered), Value(Object{{"a", 1}, {"b", 2}}));
  EXPECT_EQ(round_trip(ordered), ordered);
  const std::unordered_map<std::string, std::vector<int>> hashed{{"a", {1}}, {"b", {}}};
  EXPECT_EQ(round_trip(hashed), hashed);
  EXPECT_EQ((refusal<std::map<std::string, std::vector<int>>>(Object{{"k", Array{nullptr}}})),
            ".k[0]: expected number, got null");
  EXPECT_EQ((refusal<std::map<std::string, int>>(Array{})), ": expected object, got array");
}

TEST(ConvertContainers, TuplesAndPairs) {
  const std::tuple<int, std::string, bool> tuple{1, "a", true};
  EXPECT_EQ(to_value(tuple), Value(Array{1, "a", true}));
  EXPECT_EQ(round_trip(tuple), tuple);
  EXPECT_EQ(round_trip(std::pair<int, double>{1, 2.5}), (std::pair<int, double>{1, 2.5}));
  EXPECT_EQ((from_value<std::tuple<int, std::optional<int>>>(Array{1})),
            (std::tuple<int, std::optional<int>>{1, std::nullopt}));
  EXPECT_EQ((refusal<std::pair<int, int>>(Array{1, true})), "[1]: expected number, got boolean");
  EXPECT_EQ((refusal<std::pair<int, int>>(Array{1, 2, 3})),
            ": expected array of 2, got array of 3");
}

TEST(ConvertContainers, Optionals) {
  EXPECT_TRUE(to_value(std::optional<int>()).is_undefined());
  EXPECT_EQ(to_value(std::optional<int>(1)), Value(1));
  EXPECT_EQ(from_value<std::optional<int>>(Value()), std::nullopt);
  EXPECT_EQ(from_value<std::optional<int>>(nullptr), std::nullopt);
  EXPECT_EQ(from_value<std::optional<int>>(2), 2);
  EXPECT_EQ(refusal<std::optional<int>>("x"), ": expected number, got string");
}

TEST(ConvertContainers, VariantsTakeTheFirstThatFits) {
  using Either = std::variant<double, std::string>;
  EXPECT_EQ(round_trip(Either(2.0)), Either(2.0));
  EXPECT_EQ(round_trip(Either("s")), Either("s"));
  EXPECT_EQ(refusal<Either>(true), ": expected number or string, got boolean");
  EXPECT_EQ((from_value<std::variant<std::monostate, int>>(nullptr)).index(), 0u);
  EXPECT_TRUE(to_value(std::variant<std::monostate, int>()).is_undefined());
  using Lists = std::variant<std::vector<std::string>, std::vector<Value>>;
  const Array mixed{std::string(50, 'x'), 1};
  EXPECT_EQ(from_value<Lists>(mixed), Lists(std::vector<Value>(mixed.begin(), mixed.end())));
  EXPECT_EQ((refusal<std::variant<std::vector<int>, bool>>(Array{"x"})),
            ": expected [0] as number or boolean, got array");
}

// ---- Types of users

struct Celsius {
  explicit Celsius(double d) : degrees(d) {}
  double degrees;
};

}  // namespace
}  // namespace capnweb::testing

template <>
struct capnweb::Convert<capnweb::testing::Celsius> {
  using Celsius = capnweb::testing::Celsius;
  static Value encode(const Celsius& celsius) { return celsius.degrees; }
  static std::optional<Celsius> decode(const Value& value, Mismatch& why) {
    if (auto* number = value.get_if<double>()) return Celsius(*number);
    return why.set("a temperature", value);
  }
};

namespace capnweb::testing {
namespace {

TEST(Convert, IsOpenToTypesOfUsers) {
  EXPECT_EQ(to_value(Celsius(20)), Value(20));
  EXPECT_EQ(from_value<Celsius>(21).degrees, 21);
  EXPECT_EQ(refusal<std::vector<Celsius>>(Array{"warm"}),
            "[0]: expected a temperature, got string");
}

TEST(Convert, FromValueThrowsATypeError) {
  try {
    from_value<std::vector<int>>(Array{1, "x"});
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "TypeError: result[1]: expected number, got string");
  }
}

// A class that is neither a target nor plain data.
class Neither {
 public:
  explicit Neither(int n) : secret_(n) {}
  int secret() const { return secret_; }

 private:
  int secret_;
};

TEST(Convert, AClassThatIsNoTargetDoesNotTravel_C19) {
  EXPECT_FALSE(Encodable<Neither>);
  EXPECT_FALSE(Decodable<Neither>);
  EXPECT_FALSE(HasContract<Neither>);
}

static_assert(!Decodable<char> && !Encodable<char>);
static_assert(!Decodable<int*> && !Encodable<int*>);
static_assert(!Decodable<std::shared_ptr<int>> && !Encodable<std::shared_ptr<int>>);
static_assert(!Decodable<const char*>);
static_assert(detail::is_promise_free<std::map<std::string, std::vector<int>>>);
static_assert(!detail::is_promise_free<std::vector<Value>> && !detail::is_promise_free<Celsius>);
static_assert(detail::is_borrowed<std::vector<std::string_view>>);

}  // namespace
}  // namespace capnweb::testing
