#include <gtest/gtest.h>

#include <capnweb/detail/outcome.hpp>
#include <capnweb/value.hpp>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace capnweb {
namespace {

// Something to refer to; nobody calls it here.
class Nothing final : public detail::Hook {
 public:
  detail::HookRef call(PathView, detail::Arguments) override { return nullptr; }
  detail::HookRef get(PathView) override { return nullptr; }
  detail::HookRef map(PathView, detail::MapProgram) override { return nullptr; }
  detail::Outcome* outcome() override { return nullptr; }
  void wait(detail::Waiter&) override {}
  std::shared_ptr<void> on_broken(std::function<void(const Error&)>) override { return nullptr; }
};

struct Sample {
  Value value;
  Kind kind;
  std::string_view name;
};

// One value of each kind.
std::vector<Sample> samples() {
  const auto hook = detail::make_ref<Nothing>();
  const auto path = std::make_shared<const Path>(Path{"a", 1.0});
  return {
      {Value::undefined(), Kind::kUndefined, "undefined"},
      {Value::null(), Kind::kNull, "null"},
      {true, Kind::kBoolean, "boolean"},
      {1.5, Kind::kNumber, "number"},
      {"text", Kind::kString, "string"},
      {Array{1, "two"}, Kind::kArray, "array"},
      {Object{{"a", 1}}, Kind::kObject, "object"},
      {Bytes::from_text("ab"), Kind::kBytes, "Uint8Array"},
      {BigInt(5), Kind::kBigInt, "bigint"},
      {Date{1000}, Kind::kDate, "Date"},
      {Error("m"), Kind::kError, "Error"},
      {Url{"http://a/"}, Kind::kUrl, "URL"},
      {Headers{{"a", "1"}}, Kind::kHeaders, "Headers"},
      {Request{.url = "http://a/"}, Kind::kRequest, "Request"},
      {Response{.status = 404}, Kind::kResponse, "Response"},
      {Blob{"text/plain", Bytes::from_text("ab")}, Kind::kBlob, "Blob"},
      {detail::StubRef{hook}, Kind::kStub, "stub"},
      {detail::PromiseRef{hook, path}, Kind::kPromise, "promise"},
      {detail::ReadableRef{hook}, Kind::kReadableStream, "ReadableStream"},
      {detail::WritableRef{hook}, Kind::kWritableStream, "WritableStream"},
  };
}

TEST(Value, KnowsItsKind) {
  for (const auto& [value, kind, name] : samples()) {
    EXPECT_EQ(value.kind(), kind);
    EXPECT_EQ(value.kind_name(), name);
  }
  EXPECT_EQ(kind_name(static_cast<Kind>(99)), "unknown");
}

TEST(Value, IsEqualToItsCopiesOnly) {
  const auto all = samples();
  for (const auto& a : all) {
    for (const auto& b : all) EXPECT_EQ(a.value == b.value, a.kind == b.kind);
    Value copy = a.value;
    EXPECT_EQ(copy, a.value);
    const Value moved = std::move(copy);
    EXPECT_EQ(moved, a.value);
    Value assigned = "something else";
    assigned = a.value;
    EXPECT_EQ(assigned, a.value);
    assigned = Value("again");
    EXPECT_NE(assigned, a.value);
  }
}

TEST(Value, CanBeCopiedAfterAMove) {
  for (const auto& sample : samples()) {
    Value value = sample.value;
    const Value moved = std::move(value);
    Value copy = value;  // NOLINT(bugprone-use-after-move): any value will do
    copy = sample.value;
    EXPECT_EQ(copy, moved);
  }
}

TEST(Value, ComparesWithinAKind) {
  EXPECT_NE(Value(1), Value(2));
  EXPECT_EQ(Value(std::nan("")), Value(-std::nan("")));
  EXPECT_EQ(Value(0.0), Value(-0.0));
  EXPECT_NE(Value(std::nan("")), Value(0));
  EXPECT_EQ(Value(Date{}), Value(Date{std::nan("")}));
  EXPECT_NE(Value(Date{}), Value(Date{0}));
  EXPECT_NE(Value(Array{1, 2}), Value(Array{1}));
  EXPECT_NE(Value(Url{"http://a/"}), Value(Url{"http://b/"}));
  EXPECT_EQ(Value(Array{Array{Object{{"a", Array{}}}}}),
            Value(Array{Array{Object{{"a", Array{}}}}}));
}

TEST(Value, ComparesMessagesMemberByMember) {
  const Request request = {.url = "http://a/", .headers = {{"a", "1"}}, .body = "b"};
  const auto changed = [](auto message, auto change) {
    change(message);
    return Value(message);
  };
  EXPECT_EQ(Value(request), Value(Request(request)));
  EXPECT_NE(Value(request), changed(request, [](Request& r) { r.url = "http://b/"; }));
  EXPECT_NE(Value(request), changed(request, [](Request& r) { r.method = "PUT"; }));
  EXPECT_NE(Value(request), changed(request, [](Request& r) { r.headers.set("a", "2"); }));
  EXPECT_NE(Value(request), changed(request, [](Request& r) { r.body = nullptr; }));
  EXPECT_NE(Value(request), changed(request, [](Request& r) { r.init["cache"] = "no-store"; }));
  const Response response = {.status = 404, .status_text = "NF"};
  EXPECT_EQ(Value(response), Value(Response(response)));
  EXPECT_NE(Value(response), changed(response, [](Response& r) { r.status = 200; }));
  EXPECT_NE(Value(response), changed(response, [](Response& r) { r.status_text = ""; }));
  EXPECT_NE(Value(response), changed(response, [](Response& r) { r.headers.set("a", "2"); }));
  EXPECT_NE(Value(response), changed(response, [](Response& r) { r.body = "x"; }));
  EXPECT_NE(Value(response), changed(response, [](Response& r) { r.init["cf"] = 1; }));
  EXPECT_NE(Value(Blob{"a", {}}), Value(Blob{"b", {}}));
  EXPECT_NE(Value(Blob{"a", {}}), Value(Blob{"a", Bytes::from_text("x")}));
}

TEST(Value, ComparesCapabilitiesByReference) {
  const auto one = detail::make_ref<Nothing>();
  const auto two = detail::make_ref<Nothing>();
  EXPECT_EQ(Value(detail::StubRef{one}), Value(detail::StubRef{one}));
  EXPECT_NE(Value(detail::StubRef{one}), Value(detail::StubRef{two}));
  const auto path = [](Path parts) { return std::make_shared<const Path>(std::move(parts)); };
  EXPECT_EQ(Value(detail::PromiseRef{one, path({"a"})}),
            Value(detail::PromiseRef{one, path({"a"})}));
  EXPECT_NE(Value(detail::PromiseRef{one, path({"a"})}), Value(detail::PromiseRef{one}));
  EXPECT_NE(Value(detail::PromiseRef{one, path({"1"})}),
            Value(detail::PromiseRef{one, path({1.0})}));
}

TEST(Value, CountsReferencesToCapabilities) {
  const auto hook = detail::make_ref<Nothing>();
  {
    const Value value = Object{{"stub", detail::StubRef{hook}}};
    EXPECT_FALSE(hook->is_unique());
    const std::vector<Value> copies(10, value);
    EXPECT_EQ(copies.back(), value);
  }
  EXPECT_TRUE(hook->is_unique());
}

TEST(Value, MakesNumbersOfIntegersAndBigIntsBeyond) {
  EXPECT_EQ(Value(5).get<double>(), 5);
  EXPECT_EQ(Value(std::uint8_t{200}).get<double>(), 200);
  EXPECT_EQ(Value(1.5f).get<double>(), 1.5);
  constexpr std::int64_t kExact = std::int64_t{1} << 53;
  EXPECT_EQ(Value(kExact).get<double>(), 9007199254740992.0);
  EXPECT_EQ(Value(-kExact).get<double>(), -9007199254740992.0);
  EXPECT_EQ(Value(kExact + 1).get<BigInt>().to_string(), "9007199254740993");
  EXPECT_EQ(Value(-kExact - 1).get<BigInt>().to_string(), "-9007199254740993");
  EXPECT_EQ(Value(std::numeric_limits<std::uint64_t>::max()).get<BigInt>().to_string(),
            "18446744073709551615");
}

TEST(Value, RefusesPointersAndCharacters) {
  static_assert(!std::is_constructible_v<Value, int*>);
  static_assert(!std::is_constructible_v<Value, char>);
  static_assert(std::is_nothrow_move_constructible_v<Value>);
  static_assert(std::is_nothrow_move_assignable_v<Value>);
}

TEST(Value, GivesWhatItHoldsByType) {
  Value value = "text";
  EXPECT_EQ(*value.get_if<std::string>(), "text");
  EXPECT_EQ(value.get_if<double>(), nullptr);
  value.get_if<std::string>()->append("!");
  EXPECT_EQ(value.get<std::string>(), "text!");
  const std::string taken = std::move(value).get<std::string>();
  EXPECT_EQ(taken, "text!");
  EXPECT_EQ(Value(Response{.status = 404}).get<Response>().status, 404);
  EXPECT_EQ(Value("x").get_if<Headers>(), nullptr);
}

template <class T>
std::string complaint(const Value& value) {
  try {
    static_cast<void>(value.get<T>());
  } catch (const Error& error) {
    return error.what();
  }
  return "none";
}

TEST(Value, ComplainsAboutTheWrongKind) {
  EXPECT_EQ(complaint<std::string>(5), "TypeError: expected string, got number");
  EXPECT_EQ(complaint<Headers>("x"), "TypeError: expected Headers, got string");
  EXPECT_EQ(complaint<Bytes>(nullptr), "TypeError: expected Uint8Array, got null");
  EXPECT_THROW(static_cast<void>(Value(1).get<bool>()), Error);
}

TEST(Value, IsIndexedLikeJavaScriptButNeverFails) {
  const Value value = Object{{"list", Array{1, "two"}}, {"nothing", nullptr}};
  EXPECT_EQ(value["list"][1].get<std::string>(), "two");
  EXPECT_TRUE(value["list"][2].is_undefined());
  EXPECT_TRUE(value["missing"]["deeper"][7].is_undefined());
  EXPECT_TRUE(value["nothing"].is_null());
  EXPECT_TRUE(value[std::size_t{0}].is_undefined());
  EXPECT_TRUE(Value("text")[std::string_view("length")].is_undefined());
}

}  // namespace
}  // namespace capnweb
