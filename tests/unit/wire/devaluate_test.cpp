#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "fakes.hpp"

namespace capnweb::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// What serialize() gives, or the error.
std::string text_of(const Value& value) {
  try {
    return serialize(value);
  } catch (const Error& error) {
    return error.what();
  }
}

// In a session that only logs. `out` begins with text that must survive.
struct Sender {
  std::string send(const Value& value, Ownership ownership = Ownership::kOwned) {
    return finish([&](std::string& out) { return devaluate(value, &exporter, ownership, out); });
  }
  std::string send_arguments(const Array& values) {
    return finish([&](std::string& out) { return devaluate_arguments(values, &exporter, out); });
  }
  std::string send_error(const Error& error) {
    return finish([&](std::string& out) { return devaluate_error(error, &exporter, out); });
  }

  template <class F>
  std::string finish(F devaluate_into) {
    std::string out = "before:";
    auto done = devaluate_into(out);
    EXPECT_EQ(out.substr(0, 7), "before:");
    if (done) return out.substr(7);
    EXPECT_EQ(out, "before:");
    return done.error().what();
  }

  Log hooks;
  FakeExporter exporter;
};

TEST(Devaluate, ScalarsStandForThemselves_V11) {
  EXPECT_EQ(text_of(nullptr), "null");
  EXPECT_EQ(text_of(true), "true");
  EXPECT_EQ(text_of(false), "false");
  EXPECT_EQ(text_of("a\"\n\x01/"), R"("a\"\n\u0001/")");
}

TEST(Devaluate, PrintsNumbersInShortestForm_V7) {
  EXPECT_EQ(text_of(0.1), "0.1");
  EXPECT_EQ(text_of(1e21), "1e+21");
  EXPECT_EQ(text_of(9007199254740992.0), "9007199254740992");
}

TEST(Devaluate, MinusZeroLosesItsSign_V8) { EXPECT_EQ(text_of(-0.0), "0"); }

TEST(Devaluate, NumbersThatJsonDoesNotHave_V9) {
  EXPECT_EQ(text_of(HUGE_VAL), R"(["inf"])");
  EXPECT_EQ(text_of(-HUGE_VAL), R"(["-inf"])");
  EXPECT_EQ(text_of(std::nan("")), R"(["nan"])");
}

TEST(Devaluate, UndefinedKeepsItsPlace_V12) {
  EXPECT_EQ(text_of(Value()), R"(["undefined"])");
  EXPECT_EQ(text_of(Object{{"a", Value()}}), R"({"a":["undefined"]})");
  EXPECT_EQ(text_of(Array{Value(), 1}), R"([[["undefined"],1]])");
}

TEST(Devaluate, Bigints_V13_V15) {
  EXPECT_EQ(text_of(BigInt(-5)), R"(["bigint","-5"])");
  EXPECT_EQ(text_of(BigInt()), R"(["bigint","0"])");
  const std::string digits(20'000, '9');
  EXPECT_EQ(text_of(*BigInt::parse(digits)), "[\"bigint\",\"" + digits + "\"]")
      << "there is no limit on sending";
}

TEST(Devaluate, Dates_V16_V17) {
  EXPECT_EQ(text_of(Date{-62135596800000}), R"(["date",-62135596800000])");
  EXPECT_EQ(text_of(Date{}), R"(["date",null])");
  EXPECT_EQ(text_of(Date{1.7}), R"(["date",1])");
  EXPECT_EQ(text_of(Date{8.64e15 + 1}), R"(["date",null])");
}

TEST(Devaluate, Bytes_V18_V19) {
  const std::vector data{std::byte{0xFB}, std::byte{0xFF}, std::byte{0xFE}};
  EXPECT_EQ(text_of(Bytes(data)), R"(["bytes","+//+"])");
  EXPECT_EQ(text_of(Bytes(std::vector{std::byte{0xFF}})), R"(["bytes","/w"])");
  EXPECT_EQ(text_of(Bytes()), R"(["bytes",""])");
  EXPECT_EQ(text_of(Bytes(data, BytesKind::kArrayBuffer)), R"(["bytes","+//+","ArrayBuffer"])");
}

TEST(Devaluate, BrokenElementsAreRefused_V23) {
  EXPECT_EQ(text_of(Bytes(std::vector<std::byte>(3), BytesKind::kInt16Array)),
            "TypeError: Invalid byte length 3 for Int16Array; expected a multiple of 2");
}

TEST(Devaluate, ArraysAreWrappedOnce_V26) {
  EXPECT_EQ(text_of(Array{1, 2, 3}), "[[1,2,3]]");
  EXPECT_EQ(text_of(Array{}), "[[]]");
  EXPECT_EQ(text_of(Array{Value(Array{1})}), "[[[[1]]]]");
}

TEST(Devaluate, ArgumentsAreAPlainArray_V28) {
  Sender sender;
  EXPECT_EQ(sender.send_arguments({}), "[]");
  EXPECT_EQ(sender.send_arguments({2, Array{3}, Value()}), R"([2,[[3]],["undefined"]])");
}

TEST(Devaluate, OnlyProtoDisappears_V31) {
  EXPECT_EQ(text_of(Object{{"__proto__", 1}, {"constructor", 2}, {"toJSON", 5}}),
            R"({"constructor":2,"toJSON":5})");
  EXPECT_EQ(text_of(Object{{"__proto__", 1}}), "{}");
}

TEST(Devaluate, LimitsTheDepth_V33_L5) {
  const auto deep = [](std::size_t levels, Value value) {
    for (std::size_t i = 0; i < levels; ++i) value = Array{std::move(value)};
    return value;
  };
  const std::string error =
      "Serialization exceeded maximum allowed depth. (Does the message contain cycles?)";
  EXPECT_EQ(text_of(deep(255, 1)), nested(255, "1"));
  EXPECT_EQ(text_of(deep(256, 1)), error);
  EXPECT_EQ(text_of(deep(255, Array{})), nested(256, ""));
  EXPECT_EQ(text_of(deep(255, Object{{"a", 1}})), error);
  // What goes deeper than that inside of an error is a property that cannot be sent.
  EXPECT_EQ(text_of(deep(255, Error("m").set_property("a", 1))),
            nested(255, R"(["error","Error","m"])"));
  Sender sender;
  EXPECT_EQ(sender.send_arguments({deep(254, 1)}).size(), 2 + 4 * 254 + 1u);
  EXPECT_EQ(sender.send_arguments({deep(255, 1)}), error);
}

TEST(Devaluate, SharedCapabilitiesAreSentTwice_V34_M19) {
  Sender sender;
  const Value stub(detail::StubRef{fake_stub(sender.hooks, "f")});
  EXPECT_EQ(sender.send(Array{stub, stub}), R"([[["export",-1],["export",-2]]])");
}

// ---- Errors

TEST(DevaluateErrors, HaveThreeToFiveElements_V35) {
  EXPECT_EQ(text_of(Error::range_error("bad")), R"(["error","RangeError","bad"])");
  EXPECT_EQ(text_of(Error::range_error("bad").set_property("code", 5)),
            R"(["error","RangeError","bad",null,{"code":5}])");
}

TEST(DevaluateErrors, KeepTheNameAsItStands_V36) {
  EXPECT_EQ(text_of(Error("MyErr", "m")), R"(["error","MyErr","m"])");
}

TEST(DevaluateErrors, SendTheirProperties_V38) {
  Error error("AggregateError", "m");
  error.set_property("name", 1).set_property("message", 2).set_property("stack", 3);
  error.set_property("__proto__", 4);
  EXPECT_EQ(text_of(error), R"(["error","AggregateError","m"])");
  error.set_property("cause", Value());
  error.set_property("errors", Array{Error::type_error("n")});
  EXPECT_EQ(text_of(error), R"(["error","AggregateError","m",null,)"
                            R"({"cause":["undefined"],"errors":[[["error","TypeError","n"]]]}])");
}

TEST(DevaluateErrors, DropWhatCannotBeSent_V39) {
  Sender sender;
  const Value bad = Bytes(std::vector<std::byte>(1), BytesKind::kInt32Array);
  Error error("m");
  error.set_property("bad", bad);
  EXPECT_EQ(sender.send(error), R"(["error","Error","m"])");
  error.set_property("good", 1);
  EXPECT_EQ(sender.send(error), R"(["error","Error","m",null,{"good":1}])");
  error.set_property("worse", bad);
  error.set_property("better", 2);
  EXPECT_EQ(sender.send(error), R"(["error","Error","m",null,{"good":1,"better":2}])");
}

TEST(DevaluateErrors, TakeBackWhatADroppedPropertyExported_V39) {
  Sender sender;
  const Value stub(detail::StubRef{fake_stub(sender.hooks, "f")});
  const Value bad = Bytes(std::vector<std::byte>(1), BytesKind::kInt32Array);
  Error error("m");
  error.set_property("kept", stub);
  error.set_property("dropped", Array{stub, stub, bad});
  EXPECT_EQ(sender.send(error), R"(["error","Error","m",null,{"kept":["export",-1]}])");
  EXPECT_THAT(sender.exporter.log,
              ElementsAre("error m", "stub f", "stub f", "stub f", "unexport -3", "unexport -2"));
  EXPECT_EQ(sender.exporter.offered.size(), 1u);
}

TEST(DevaluateErrors, OfARejectHoldNoCapabilities_V40_S36) {
  Sender sender;
  Error error("m");
  error.set_property("stub", detail::StubRef{fake_stub(sender.hooks, "f")});
  error.set_property("promise", detail::PromiseRef{fake_promise(sender.hooks, "p")});
  error.set_property("readable", detail::ReadableRef{fake_stub(sender.hooks, "r")});
  error.set_property("writable", detail::WritableRef{fake_stub(sender.hooks, "w")});
  error.set_property("blob", Blob{"t", Bytes::from_text("x")});
  error.set_property("response", Response{.body = "x"});
  error.set_property("date", Date{1});
  error.set_property("headers", Headers{{"a", "b"}});
  error.set_property("cause", Error("n"));
  EXPECT_EQ(sender.send_error(error),
            R"(["error","Error","m",null,{"date":["date",1],"headers":["headers",[["a","b"]]],)"
            R"("cause":["error","Error","n"]}])");
  EXPECT_THAT(sender.exporter.log, ElementsAre("error m", "error n"));
}

TEST(DevaluateErrors, OfAResultMayHoldCapabilities_V40) {
  Sender sender;
  Error error("m");
  error.set_property("stub", detail::StubRef{fake_stub(sender.hooks, "f")});
  error.set_property("blob", Blob{"t", Bytes::from_text("x")});
  EXPECT_EQ(sender.send(error), R"(["error","Error","m",null,{"stub":["export",-1],)"
                                R"("blob":["blob","t",["readable",1]]}])");
}

TEST(DevaluateErrors, ThrownValuesStandForThemselves_V44_E12) {
  Sender sender;
  EXPECT_EQ(sender.send_error(Error::thrown("oops")), "\"oops\"");
  EXPECT_EQ(sender.send_error(Error::thrown(Value())), R"(["undefined"])");
  EXPECT_EQ(sender.send_error(Error::thrown(Object{{"code", 1}})), R"({"code":1})");
  EXPECT_THAT(sender.exporter.log, IsEmpty()) << "they are no errors to be asked about";
  // The same where such an error is a value.
  EXPECT_EQ(sender.send(Array{Error::thrown(5)}), "[[5]]");
}

TEST(DevaluateErrors, AThrownValueThatCannotBeSentSaysWhy_M33) {
  Sender sender;
  const Value stub(detail::StubRef{fake_stub(sender.hooks, "f")});
  EXPECT_EQ(sender.send_error(Error::thrown(stub)),
            R"(["error","Error","Can't serialize RPC stubs in this context."])");
}

TEST(DevaluateErrors, HideTheStack_E1) {
  Sender sender;
  Error error("m");
  error.set_stack("at secret");
  EXPECT_EQ(sender.send_error(error), R"(["error","Error","m"])");
  EXPECT_EQ(text_of(error), R"(["error","Error","m"])");
  EXPECT_EQ(error.stack(), "at secret");
}

TEST(DevaluateErrors, AreAskedAboutOutermostFirst_E1_E2) {
  Sender sender;
  Error inner("inner");
  inner.set_property("cause", Error("innermost"));
  Error outer("outer");
  outer.set_property("cause", inner);
  sender.send(Object{{"e", outer}});
  EXPECT_THAT(sender.exporter.log, ElementsAre("error outer", "error inner", "error innermost"));
}

TEST(DevaluateErrors, ARewrittenErrorIsSentWithItsStack_E1_E3) {
  Sender sender;
  sender.exporter.rewrite = [](const Error& error) {
    Error rewritten = Error::type_error("public " + error.message());
    rewritten.set_stack("at public");
    if (error.message() == "b") rewritten.set_property("own", 1);
    return rewritten;
  };
  Error original("a");
  original.set_property("secret", 1);
  EXPECT_EQ(sender.send_error(original), R"(["error","TypeError","public a","at public"])");
  EXPECT_EQ(sender.send_error(Error("b")),
            R"(["error","TypeError","public b","at public",{"own":1}])");
}

TEST(DevaluateErrors, AnEmptyStackIsNone_E1) {
  Sender sender;
  sender.exporter.rewrite = [](const Error& error) {
    Error copy = error;
    return copy.set_stack("").set_property("a", 1);
  };
  EXPECT_EQ(sender.send_error(Error("m")), R"(["error","Error","m",null,{"a":1}])");
}

TEST(DevaluateErrors, ForeignExceptionsKeepTheirTextHere) {
  Sender sender;
  const Error foreign =
      Error::from_exception(std::make_exception_ptr(std::runtime_error("password 123")));
  EXPECT_EQ(sender.send_error(foreign), R"(["error","Error","internal error"])");
  EXPECT_THAT(sender.exporter.log, ElementsAre("error password 123"));
  EXPECT_EQ(text_of(foreign), R"(["error","Error","internal error"])");
  sender.exporter.rewrite = [](const Error& error) { return error; };
  EXPECT_EQ(sender.send_error(foreign), R"(["error","Error","password 123"])");
}

// ---- Paths

TEST(WritePath, PrintsNamesAndIndexes_C8_C15) {
  const auto path = [](Path parts) {
    std::string out = "p";
    write_path(parts, out);
    return out;
  };
  EXPECT_EQ(path({}), "p[]");
  EXPECT_EQ(path({"users", 3.0, "a\"b", "3"}), R"(p["users",3,"a\"b","3"])");
}

TEST(WritePath, AnIndexThatNoJsonHasIsNoBreach_M44) {
  std::string out;
  write_path(Path{HUGE_VAL, -HUGE_VAL, std::nan(""), -0.0}, out);
  EXPECT_EQ(out, R"([1e999,-1e999,"NaN",-0])");
}

}  // namespace
}  // namespace capnweb::testing
