// Sessions joined by parcels against sessions joined by text: whatever crosses, the other side and
// the application see the same.
#include <gtest/gtest.h>

#include <capnweb/detail/collect.hpp>
#include <capnweb/function.hpp>
#include <capnweb/serialize.hpp>
#include <capnweb/session.hpp>
#include <capnweb/stream.hpp>
#include <cmath>
#include <concepts>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "cap/stream_budget.hpp"
#include "differential/value_generator.hpp"
#include "support/awaited.hpp"
#include "support/object.hpp"
#include "support/pair.hpp"
#include "support/parcel_pair.hpp"

namespace capnweb::testing {
namespace {

// What is seen of one exchange, over both kinds of pairs.
struct Seen {
  std::string handler;  // of the arguments, with stacks
  std::string caller;   // of the result
  bool is_clean = false;
};

// A value in words, with what == does not look at: -0 apart, which text loses (T-26).
void describe(const Value& value, std::string& out);

void describe(const Object& object, std::string& out) {
  for (const auto& [key, item] : object) {
    out += key + ": ";
    describe(item, out);
  }
}

void describe(const Value& value, std::string& out) {
  out += std::string(value.kind_name()) + ' ';
  if (const auto* error = value.get_if<Error>()) {
    out += std::string(error->what()) + " stack " + error->stack().value_or("none") + " {";
    describe(error->properties(), out);
    out += '}';
  } else if (const auto* array = value.get_if<Array>()) {
    out += '[';
    for (const Value& item : *array) describe(item, out);
    out += ']';
  } else if (const auto* object = value.get_if<Object>()) {
    out += '{';
    describe(*object, out);
    out += '}';
  } else if (const auto* request = value.get_if<Request>()) {
    out += request->method + ' ' + request->url + ' ';
    describe(Value(request->headers), out);
    describe(request->body, out);
    describe(request->init, out);
  } else if (const auto* response = value.get_if<Response>()) {
    out += std::to_string(response->status) + ' ' + response->status_text + ' ';
    describe(Value(response->headers), out);
    describe(response->body, out);
    describe(response->init, out);
  } else if (const auto* headers = value.get_if<Headers>()) {
    for (const auto& [name, content] : headers->pairs()) out += name + '=' + content + ' ';
  } else if (const auto* blob = value.get_if<Blob>()) {
    out += blob->type + ' ' + std::string(blob->bytes.text());
  } else if (const auto* bytes = value.get_if<Bytes>()) {
    out += bytes->text();
  } else if (value.kind() < Kind::kStub) {
    if (const auto* number = value.get_if<double>(); number && *number == 0) {
      out += '0';
    } else {
      out += serialize(value);
    }
  }
  out += '\n';
}

std::string describe(const Value& value) {
  std::string out;
  describe(value, out);
  return out;
}

// Bob's "echo" is called with a value.
template <class Joined>
Seen exchange(const Value& value, const SessionOptions& options = {}) {
  Seen seen;
  const auto echo = [&seen](Array& arguments) {
    seen.handler = describe(arguments.at(0));
    return std::move(arguments.at(0));
  };
  auto pair = [&] {
    if constexpr (std::same_as<Joined, Pair>) {
      return std::make_unique<Pair>(target({{"echo", echo}}), Value(),
                                    Pair::Options{options, options});
    } else {
      return std::make_unique<ParcelPair>(target({{"echo", echo}}), Value(), options, options);
    }
  }();
  {
    Awaited result(call(pair->alice.remote_main().hook(), {"echo"}, {value}));
    pair->run();
    if (const std::string failure = result.failure(); !failure.empty()) {
      seen.caller = failure;
    }
  }
  {
    Awaited result(call(pair->alice.remote_main().hook(), {"echo"}, {value}));
    pair->run();
    if (seen.caller.empty()) seen.caller = describe(result.value());
  }
  pair->run();
  seen.is_clean =
      pair->alice.stats() == Session::Stats{1, 1} && pair->bob.stats() == Session::Stats{1, 1};
  return seen;
}

void expect_same(const Value& value, const SessionOptions& options = {}) {
  const Seen text = exchange<Pair>(value, options);
  const Seen parcel = exchange<ParcelPair>(value, options);
  EXPECT_EQ(parcel.handler, text.handler);
  EXPECT_EQ(parcel.caller, text.caller);
  EXPECT_EQ(parcel.is_clean, text.is_clean);
}

TEST(Parcel, CarriesWhatTextCarries) {
  ValueGenerator values(0x6361706e);
  for (int i = 0; i < 3000; ++i) {
    SCOPED_TRACE(i);
    ASSERT_NO_FATAL_FAILURE(expect_same(values.next()));
    if (HasFailure()) break;
  }
}

TEST(Parcel, KeepsTheSignOfZero_T26) {
  ParcelPair pair(target({{"sign", [](Array& a) { return std::signbit(a[0].get<double>()); }}}));
  Awaited result(call(pair.alice.remote_main().hook(), {"sign"}, {-0.0}));
  pair.run();
  EXPECT_EQ(result.value(), Value(true));
}

Value nested(int levels) {
  Value value = 1;
  for (int i = 0; i < levels; ++i) value = Array{std::move(value)};
  return value;
}

TEST(Parcel, RefusesWhatTextRefuses) {
  expect_same(nested(254));
  expect_same(nested(255));  // L-5
  expect_same(nested(256));
  expect_same(Url{"nowhere"});                                              // V-45
  expect_same(Bytes(std::vector<std::byte>(3), BytesKind::kUint16Array));   // V-23
  expect_same(Request{.url = "http://a/", .method = "TRACE"});              // V-47
  expect_same(Request{.url = "http://a/", .method = "get", .body = "no"});  // V-49
  expect_same(Response{.status = 99});                                      // V-51
  expect_same(Response{.init = {{"cf", Date{1}}}});
  expect_same(Response{
      .init = {{"cf", Array{Value(), NAN, Object{{"x", Value()}, {"y", 1}}}}, {"other", 1}}});
  expect_same(detail::StubRef{});
  expect_same(detail::PromiseRef{});
  expect_same(Date{0.5});  // V-17
  expect_same(Date{1e300});
}

TEST(Parcel, DropsForbiddenKeys_V30_V31) {
  expect_same(Object{{"__proto__", 1},
                     {"toJSON", 2},
                     {"constructor", function([](Array&) { return Value(); })},
                     {"kept", 3}});
}

TEST(Parcel, CarriesErrors_E1_V37_V38_V39) {
  Error error("TypeError", "text");
  error.set_stack("at home").set_property("code", 7).set_property("cause",
                                                                  Error::range_error("why"));
  error.set_property("name", "no").set_property("toJSON", 1);
  error.set_property("lost", Url{"nowhere"}).set_property("nested", Object{{"a", Array{error}}});
  expect_same(error);
  expect_same(Error("OddError", "an unknown name"));
  expect_same(Error("AggregateError", "no errors"));
  expect_same(Error::thrown(Object{{"a", 1}}));
  expect_same(Array{Error::from_exception(std::make_exception_ptr(std::runtime_error("secret")))});
  expect_same(error, {.on_send_error = [](const Error& e) { return std::optional(e); }});
  expect_same(error, {.on_send_error = [](const Error&) -> std::optional<Error> { throw 1; }});
}

// What a handler throws, at its caller.
template <class Joined>
std::string thrown(const Error& error) {
  Joined pair(target({{"fail", [&](Array&) -> Value { throw Error(error); }}}));
  Awaited result(call(pair.alice.remote_main().hook(), {"fail"}));
  pair.run();
  try {
    return describe(result.value());
  } catch (const Error& caught) {
    std::string text = "threw ";
    if (const Value* value = caught.thrown_value()) return text + describe(*value);
    return text + describe(caught);
  }
}

TEST(Parcel, CarriesWhatHandlersThrow_V40_V44_M33) {
  const Value stub = function([](Array&) { return Value(); });
  Error error("text");
  error.set_property("stub", stub).set_property("kept", Bytes::from_text("x"));
  for (const Error& each : {error, Error::thrown(5), Error::thrown(Object{{"a", 1}}),
                            Error::thrown(stub), Error::thrown(Blob{"a/b", {}})})
    EXPECT_EQ(thrown<ParcelPair>(each), thrown<Pair>(each));
}

TEST(Parcel, GivesBlobsWhole_V53) {
  expect_same(Array{Blob{"text/plain", Bytes::from_text("content")}, Blob{}});
}

// A body is a stream on the other side, whatever it was (V-48).
template <class Joined>
std::string body(const Value& value) {
  Value kept;
  Joined pair(target({{"take", [&](Array& a) {
                         kept = std::move(a[0]);
                         return Value();
                       }}}));
  Awaited result(call(pair.alice.remote_main().hook(), {"take"}, {value}));
  pair.run();
  const Value& held = kept.get<Response>().body;
  if (held.kind() != Kind::kReadableStream) return std::string(held.kind_name());
  const auto* stream = held.get_if<detail::ReadableRef>();
  Awaited blob(
      detail::collect_blob("", stream->hook, detail::make_ref<detail::StreamBudget>(1000U)));
  pair.run();
  return describe(Array{blob.value(), kept});
}

TEST(Parcel, MakesStreamsOfBodies_V48) {
  for (const Value& each :
       Array{"text \xED\xA0\x80", Bytes::from_text("bytes"), Value(), nullptr}) {
    EXPECT_EQ(body<ParcelPair>(Response{.body = each}), body<Pair>(Response{.body = each}));
  }
  EXPECT_EQ(body<ParcelPair>(Response{}), "null");
  EXPECT_EQ(body<Pair>(Response{}), "null");
}

// ---- What is more than a value, by name in both kinds of pairs

template <class Joined>
class Capabilities : public ::testing::Test {
 public:
  Value make_main() {
    return target({
        {"counter",
         [](Array&) {
           auto count = std::make_shared<double>(0);
           return target({{"inc", [count](Array& a) {
                             return Value(*count += a.empty() ? 1 : a[0].get<double>());
                           }}});
         }},
        {"call", [](Array& a) { return promise(call(hook_of(a[0]), {}, {a[1]})); }},
        {"echo", [](Array& a) { return a[0]; }},
        {"ids", [](Array&) { return Value(Array{1, 2, 3}); }},
        {"double", [](Array& a) { return Value(2 * a[0].get<double>()); }},
        {"later",
         [this](Array&) {
           later.emplace();
           return promise(later->promise());
         }},
    });
  }
  Value result(detail::HookRef hook) {
    Awaited awaited(std::move(hook));
    pair.run();
    return awaited.value();
  }
  detail::HookRef main() const { return pair.alice.remote_main().hook(); }
  void expect_clean() {
    pair.run();
    EXPECT_EQ(pair.alice.stats(), (Session::Stats{1, 1}));
    EXPECT_EQ(pair.bob.stats(), (Session::Stats{1, 1}));
  }

  std::optional<detail::Resolver> later;
  Joined pair{make_main()};
};
using Kinds = ::testing::Types<Pair, ParcelPair>;
TYPED_TEST_SUITE(Capabilities, Kinds);

TYPED_TEST(Capabilities, CallBothWays) {
  EXPECT_EQ(
      this->result(call(this->main(), {"call"},
                        {function([](Array& a) { return Value(a[0].get<double>() + 1); }), 4})),
      Value(5));
  this->expect_clean();
}

TYPED_TEST(Capabilities, Pipeline_M3) {
  {
    const auto counter = call(this->main(), {"counter"});
    Awaited first(call(counter, {"inc"}));
    Awaited second(call(this->main(), {"double"}, {promise(call(counter, {"inc"}, {5}))}));
    this->pair.run();
    EXPECT_EQ(first.value(), Value(1));
    EXPECT_EQ(second.value(), Value(12));
  }
  this->expect_clean();
}

TYPED_TEST(Capabilities, ComeHomeAsThemselves_V58) {
  const Value mine = function([](Array&) { return Value(); });
  const Value back = this->result(call(this->main(), {"echo"}, {Value(Array{mine, mine})}));
  EXPECT_EQ(hook_of(back[0]), hook_of(mine));
  this->expect_clean();
}

TYPED_TEST(Capabilities, ReadPropertiesOfResults) {
  const auto object = call(this->main(), {"echo"}, {Object{{"a", Array{"x", "y"}}}});
  EXPECT_EQ(this->result(object->get(Path{"a", 1.0})), Value("y"));
  const detail::PromiseRef property{object, std::make_shared<Path>(Path{"a"})};
  EXPECT_EQ(this->result(call(this->main(), {"echo"}, {property})), Value(Array{"x", "y"}));
}

TYPED_TEST(Capabilities, ResolvePromisesAmongArguments_M17) {
  detail::Resolver resolver;
  const auto given = promise(resolver.promise());
  Awaited sum(call(this->main(), {"double"}, {given}));
  this->pair.run();
  EXPECT_FALSE(sum.is_done());
  resolver.resolve(21);
  this->pair.run();
  EXPECT_EQ(sum.value(), Value(42));
  this->expect_clean();
}

TYPED_TEST(Capabilities, AnswerLater_M25) {
  {
    Awaited answer(call(this->main(), {"later"}));
    this->pair.run();
    EXPECT_FALSE(answer.is_done());
    this->later->reject(Error::range_error("late"));
    this->pair.run();
    EXPECT_EQ(answer.failure(), "RangeError: late");
  }
  this->expect_clean();
}

TYPED_TEST(Capabilities, RunMaps_R5_R9) {
  const auto api = this->pair.alice.remote_main();
  const Function<double(double)> add([](double n) { return n + 0.5; });
  Promise<Value> mapped = api.call("ids").map([&](Promise<Value> id) {
    return api.template call<Value>("call", add, api.template call<Value>("double", id));
  });
  std::optional<Value> seen;
  mapped.then([&](Value value) { seen = std::move(value); });
  this->pair.run();
  EXPECT_EQ(seen, Value(Array{2.5, 4.5, 6.5}));
}

TYPED_TEST(Capabilities, CarryStreamsBothWays_S11) {
  auto [readable, writable] = make_pipe<std::string>();
  Value back =
      this->result(call(this->main(), {"echo"}, {Value(Array{Value(readable), Value(writable)})}));
  auto& ends = back.get<Array>();
  ReadableStream<std::string> far_end(ends[0].template get_if<detail::ReadableRef>()->hook);
  WritableStream<std::string> far_writer(ends[1].template get_if<detail::WritableRef>()->hook);
  far_writer.write("one").detach();
  far_writer.close().detach();
  this->pair.run();
  auto first = far_end.read();
  auto second = far_end.read();
  this->pair.run();
  EXPECT_EQ(first.get(), "one");
  EXPECT_EQ(second.get(), std::nullopt);
}

TYPED_TEST(Capabilities, BreakWithTheReasonOfAnAbort_M39) {
  Awaited pending(call(this->main(), {"later"}));
  this->pair.run();
  this->pair.bob.abort(Error::range_error("enough").set_property("code", "E"));
  this->pair.run();
  EXPECT_EQ(pending.failure(), "RangeError: enough");
  EXPECT_EQ(this->pair.alice.end_reason()->code(), "E");
}

TEST(Parcel, ForgetsWhatCouldNotBeSent_O24) {
  ParcelPair pair(target({}));
  const Value stub = function([](Array&) { return Value(); });
  Awaited failed(call(pair.alice.remote_main().hook(), {"x"}, {stub, Url{"nowhere"}}));
  EXPECT_EQ(failed.failure(), "TypeError: Invalid URL: nowhere");
  EXPECT_TRUE(pair.is_clean());
}

}  // namespace
}  // namespace capnweb::testing
