#include <gtest/gtest.h>

#include <cmath>

#include "fakes.hpp"

namespace capnweb::testing {
namespace {

const char* const kTooDeep =
    "TypeError: Deserialization exceeded maximum allowed message depth of 256.";

TEST(EvaluateData, TakesScalarsAsTheyAre_V11) {
  EXPECT_EQ(deserialize("null"), Value(nullptr));
  EXPECT_EQ(deserialize("true"), Value(true));
  EXPECT_EQ(deserialize("false"), Value(false));
  EXPECT_EQ(deserialize("0.1"), Value(0.1));
  EXPECT_EQ(deserialize("\"a\\u0000b\""), Value(std::string("a\0b", 3)));
}

TEST(EvaluateData, RefusesTextThatIsNotJson_V2) {
  EXPECT_TRUE(echo("foo").starts_with("SyntaxError: ")) << echo("foo");
  EXPECT_TRUE(echo("").starts_with("SyntaxError: "));
  EXPECT_TRUE(echo("[[1]").starts_with("SyntaxError: "));
}

TEST(EvaluateData, KeepsLoneSurrogates_V4) {
  EXPECT_EQ(echo("\"\\ud800\""), "\"\\ud800\"");
  EXPECT_EQ(echo("{\"\\udfff\":\"\\ud83d\\ude00\"}"), "{\"\\udfff\":\"\xF0\x9F\x98\x80\"}");
}

TEST(EvaluateData, KeepsTheOrderOfKeys_V5) {
  EXPECT_EQ(echo(R"({"":1,"b":2,"1":3,"a":4})"), R"({"":1,"b":2,"1":3,"a":4})");
}

TEST(EvaluateData, TakesObjectsKeyByKey_V6) {
  EXPECT_EQ(echo(R"({"a":["undefined"],"b":{"c":[[1]]}})"),
            R"({"a":["undefined"],"b":{"c":[[1]]}})");
  EXPECT_EQ(echo("{}"), "{}");
}

TEST(EvaluateData, DeliversMinusZero_V8) {
  const Value value = deserialize("-0");
  EXPECT_TRUE(std::signbit(value.get<double>()));
}

TEST(EvaluateData, KnowsNumbersThatJsonDoesNotHave_V9) {
  EXPECT_EQ(deserialize(R"(["inf"])"), Value(HUGE_VAL));
  EXPECT_EQ(deserialize(R"(["-inf"])"), Value(-HUGE_VAL));
  EXPECT_TRUE(std::isnan(deserialize(R"(["nan"])").get<double>()));
  EXPECT_EQ(echo(R"(["inf",1])"), R"(["inf"])");
  EXPECT_EQ(echo(R"(["-inf",null,2])"), R"(["-inf"])");
  EXPECT_EQ(echo(R"(["nan",[]])"), R"(["nan"])");
}

TEST(EvaluateData, OverflowIsInfinite_V10) {
  EXPECT_EQ(echo("1e400"), R"(["inf"])");
  EXPECT_EQ(echo("-1e400"), R"(["-inf"])");
}

TEST(EvaluateData, UndefinedHasNothingBehindIt_V12) {
  EXPECT_TRUE(deserialize(R"(["undefined"])").is_undefined());
  EXPECT_EQ(echo(R"(["undefined",1])"), R"(TypeError: unknown special value: ["undefined",1])");
}

TEST(EvaluateData, ReadsBigints_V13_V14) {
  EXPECT_EQ(deserialize(R"(["bigint","-5"])"), Value(BigInt(-5)));
  EXPECT_EQ(echo(R"(["bigint","123456789012345678901234567890",1])"),
            R"(["bigint","123456789012345678901234567890"])");
  EXPECT_EQ(echo(R"(["bigint",""])"), R"(["bigint","0"])");
  EXPECT_EQ(echo(R"(["bigint"," +0x10 "])").substr(0, 11), "SyntaxError");
  EXPECT_EQ(echo(R"(["bigint"," 0x10 "])"), R"(["bigint","16"])");
  EXPECT_EQ(echo(R"(["bigint","1_0"])"), "SyntaxError: Cannot convert 1_0 to a BigInt");
  EXPECT_EQ(echo(R"(["bigint",5])"), R"(TypeError: unknown special value: ["bigint",5])");
  EXPECT_EQ(echo(R"(["bigint"])"), R"(TypeError: unknown special value: ["bigint"])");
}

TEST(EvaluateData, QuotesABadBigintBounded_L11) {
  const std::string error = echo("[\"bigint\",\"" + std::string(10'000, 'x') + "\"]");
  EXPECT_EQ(error, "SyntaxError: Cannot convert " + std::string(64, 'x') + " to a BigInt");
}

TEST(EvaluateData, LimitsTheDigitsOfBigints_V15_L6) {
  const auto bigint = [](std::size_t characters) {
    return "[\"bigint\",\"-" + std::string(characters - 1, '7') + "\"]";
  };
  EXPECT_EQ(echo(bigint(16384)), bigint(16384));
  EXPECT_EQ(echo(bigint(16385)),
            "TypeError: Deserialized bigint exceeds maximum length of 16384 digits.");
  EXPECT_EQ(echo(bigint(11), {.max_bigint_digits = 10}),
            "TypeError: Deserialized bigint exceeds maximum length of 10 digits.");
}

TEST(EvaluateData, ReadsDates_V16) {
  EXPECT_EQ(deserialize(R"(["date",-1])"), Value(Date{-1}));
  EXPECT_FALSE(deserialize(R"(["date",null])").get<Date>().is_valid());
  EXPECT_EQ(echo(R"(["date",5,6])"), R"(["date",5])");
}

TEST(EvaluateData, CutsTimesToWhatADateHolds_V17) {
  EXPECT_EQ(echo(R"(["date",1.7])"), R"(["date",1])");
  EXPECT_EQ(echo(R"(["date",-1.7])"), R"(["date",-1])");
  EXPECT_FALSE(std::signbit(deserialize(R"(["date",-0.5])").get<Date>().milliseconds));
  EXPECT_EQ(echo(R"(["date",8640000000000000])"), R"(["date",8640000000000000])");
  EXPECT_EQ(echo(R"(["date",8640000000000001])"), R"(["date",null])");
  EXPECT_EQ(echo(R"(["date",-1e400])"), R"(["date",null])");
  EXPECT_EQ(echo(R"(["date","x"])"), R"(TypeError: unknown special value: ["date","x"])");
  EXPECT_EQ(echo(R"(["date",["nan"]])"), R"(TypeError: unknown special value: ["date",["nan"]])");
  EXPECT_EQ(echo(R"(["date"])"), R"(TypeError: unknown special value: ["date"])");
}

TEST(EvaluateData, ReadsBytes_V18) {
  EXPECT_EQ(deserialize(R"(["bytes","+//+"])"),
            Value(Bytes(std::vector{std::byte{0xFB}, std::byte{0xFF}, std::byte{0xFE}})));
  EXPECT_EQ(deserialize(R"(["bytes",""])"), Value(Bytes()));
  EXPECT_EQ(echo(R"(["bytes",5])"), R"(TypeError: unknown special value: ["bytes",5])");
  EXPECT_EQ(echo(R"(["bytes"])"), R"(TypeError: unknown special value: ["bytes"])");
}

TEST(EvaluateData, ReadsEveryContainerOfBytes_V19) {
  for (const char* name : {"ArrayBuffer", "DataView", "Int8Array", "Uint8ClampedArray",
                           "Int16Array", "Uint16Array", "Int32Array", "Uint32Array",
                           "BigInt64Array", "BigUint64Array", "Float32Array", "Float64Array"}) {
    const std::string text = R"(["bytes","AQIDBAUGBwg",")" + std::string(name) + "\"]";
    EXPECT_EQ(echo(text), text);
  }
}

TEST(EvaluateData, BytesWithoutATypeAreAUint8Array_V21) {
  EXPECT_EQ(deserialize(R"(["bytes","AQI"])").get<Bytes>().kind(), BytesKind::kUint8Array);
  EXPECT_EQ(echo(R"(["bytes","AQI","Uint8Array"])"), R"(["bytes","AQI"])");
}

TEST(EvaluateData, RefusesUnknownContainers_V22) {
  EXPECT_EQ(echo(R"(["bytes","AQI","Nope"])"), "TypeError: Unknown bytes type marker: Nope");
  EXPECT_EQ(echo(R"(["bytes","AQI","toString"])"),
            "TypeError: Unknown bytes type marker: toString");
  EXPECT_EQ(echo("[\"bytes\",\"AQI\",\"" + std::string(65, 'N') + "\"]"),
            "TypeError: Unknown bytes type marker: " + std::string(64, 'N'));
  EXPECT_EQ(echo(R"(["bytes","AQI",5])"), "TypeError: Unknown bytes type marker type: number");
  EXPECT_EQ(echo(R"(["bytes","AQI",null])"), "TypeError: Unknown bytes type marker type: object");
  EXPECT_EQ(echo(R"(["bytes","AQI",[]])"), "TypeError: Unknown bytes type marker type: object");
  EXPECT_EQ(echo(R"(["bytes","AQI",{}])"), "TypeError: Unknown bytes type marker type: object");

  EXPECT_EQ(echo(R"(["bytes","AQI",true])"), "TypeError: Unknown bytes type marker type: boolean");
  EXPECT_EQ(echo(R"(["bytes","AQI",false])"), "TypeError: Unknown bytes type marker type: boolean");
}

TEST(EvaluateData, RefusesBrokenElements_V23) {
  EXPECT_EQ(echo(R"(["bytes","AQID","Uint16Array"])"),
            "TypeError: Invalid byte length 3 for Uint16Array; expected a multiple of 2");
  EXPECT_EQ(echo(R"(["bytes","AQID","Float32Array"])"),
            "TypeError: Invalid byte length 3 for Float32Array; expected a multiple of 4");
  EXPECT_EQ(echo(R"(["bytes","AQIDBA","BigInt64Array"])"),
            "TypeError: Invalid byte length 4 for BigInt64Array; expected a multiple of 8");
}

TEST(EvaluateData, ReadsBase64WithAndWithoutPadding_V24) {
  EXPECT_EQ(echo(R"(["bytes","AQI="])"), R"(["bytes","AQI"])");
  EXPECT_TRUE(echo(R"(["bytes","-_"])").starts_with("SyntaxError: "));
  EXPECT_TRUE(echo(R"(["bytes","!!!!"])").starts_with("SyntaxError: "));
}

TEST(EvaluateData, AnArrayIsEscapedOnce_V26) {
  EXPECT_EQ(deserialize("[[1,2]]"), Value(Array{1, 2}));
  EXPECT_EQ(deserialize("[[]]"), Value(Array{}));
  EXPECT_EQ(deserialize("[[[[1]]]]"), Value(Array{Value(Array{1})}));
}

TEST(EvaluateData, RefusesEveryOtherArray_V27) {
  for (const char* text : {"[]", "[5]", "[[1],[2]]", "[\"foo\"]", "[null]", "[true,1]", "[{}]",
                           "[\"Date\",1]", "[\"\"]"})
    EXPECT_EQ(echo(text), "TypeError: unknown special value: " + std::string(text));
  EXPECT_EQ(echo("[[[\"foo\"]]]"), "TypeError: unknown special value: [\"foo\"]");
}

TEST(EvaluateData, QuotesWhatItRefusesBounded_L10_L11) {
  std::string deep;
  for (int i = 0; i < 500; ++i) deep += "[\"x\",";
  deep += "1" + std::string(500, ']');
  const std::string error = echo(deep);
  EXPECT_TRUE(error.starts_with("TypeError: unknown special value: [\"x\",[\"x\",")) << error;
  EXPECT_LT(error.size(), 600u);
}

TEST(EvaluateData, DropsForbiddenKeysAtEveryLevel_V30) {
  EXPECT_EQ(echo(R"({"__proto__":1,"a":{"constructor":2,"b":3},"toJSON":4})"), R"({"a":{"b":3}})");
  for (const char* key :
       {"__proto__", "constructor", "toString", "toLocaleString", "valueOf", "hasOwnProperty",
        "isPrototypeOf", "propertyIsEnumerable", "__defineGetter__", "__defineSetter__",
        "__lookupGetter__", "__lookupSetter__", "toJSON"})
    EXPECT_EQ(echo("{\"a\":1,\"" + std::string(key) + "\":{\"b\":2},\"c\":3}"), R"({"a":1,"c":3})");
}

TEST(EvaluateData, AMalformedForbiddenKeyStillFails_V30) {
  EXPECT_EQ(echo(R"({"toString":["foo"]})"), R"(TypeError: unknown special value: ["foo"])");
}

TEST(EvaluateData, TheKeyThenIsNotSpecial_V32) {
  EXPECT_EQ(echo(R"({"then":1})"), R"({"then":1})");
}

TEST(EvaluateData, OfTwinKeysTheLastCounts_V2) {
  EXPECT_EQ(echo(R"({"a":1,"b":2,"a":3})"), R"({"a":3,"b":2})");
  EXPECT_EQ(echo(R"({"a":0,"a":1,"a":2,"b":0})"), R"({"a":2,"b":0})");
  // What does not count is not even evaluated.
  EXPECT_EQ(echo(R"({"a":["foo"],"a":3})"), R"({"a":3})");
  EXPECT_EQ(echo(R"({"a":3,"a":["foo"]})"), R"(TypeError: unknown special value: ["foo"])");
}

TEST(EvaluateData, ManyTwinKeysCostNoMoreThanManyKeys_V2) {
  std::string text = "{";
  for (int i = 0; i < 200'000; ++i) text += "\"k" + std::to_string(i % 100'000) + "\":1,";
  text += "\"last\":2}";
  const Value value = deserialize(text);
  EXPECT_EQ(value.get<Object>().size(), 100'001u);
  EXPECT_EQ(value["last"], Value(2));
  EXPECT_EQ(value["k99999"], Value(1));
}

TEST(EvaluateData, ReadsErrors_V35) {
  const Value value = deserialize(R"(["error","RangeError","bad",null,{"code":5}])");
  const Error& error = value.get<Error>();
  EXPECT_EQ(error.name(), "RangeError");
  EXPECT_EQ(error.message(), "bad");
  EXPECT_EQ(error.stack(), std::nullopt);
  EXPECT_EQ(error.properties(), (Object{{"code", 5}}));
}

TEST(EvaluateData, UnknownNamesOfErrorsAreLost_V37) {
  for (const char* name : {"Error", "EvalError", "RangeError", "ReferenceError", "SyntaxError",
                           "TypeError", "URIError", "AggregateError"})
    EXPECT_EQ(deserialize("[\"error\",\"" + std::string(name) + "\",\"m\"]").get<Error>().name(),
              name);
  for (const char* name : {"MyError", "constructor", "toString", "", "error"})
    EXPECT_EQ(deserialize("[\"error\",\"" + std::string(name) + "\",\"m\"]").get<Error>().name(),
              "Error");
}

TEST(EvaluateData, ChecksTheShapeOfErrors_V41) {
  for (const char* text : {R"(["error"])", R"(["error","Error"])", R"(["error",5,"m"])",
                           R"(["error","Error",null])", R"(["error","Error","m",null,null])",
                           R"(["error","Error","m","s",[]])", R"(["error","Error","m","s","x"])"})
    EXPECT_EQ(echo(text), "TypeError: unknown special value: " + std::string(text));
  EXPECT_EQ(echo(R"(["error","Error","m",5])"), R"(["error","Error","m"])");
  EXPECT_EQ(echo(R"(["error","Error","m",null,{},6])"), R"(["error","Error","m"])");
}

TEST(EvaluateData, KeepsTheStackThatWasSent_V41_V43) {
  EXPECT_EQ(deserialize(R"(["error","Error","m","at x"])").get<Error>().stack(), "at x");
  EXPECT_EQ(deserialize(R"(["error","Error","m"])").get<Error>().stack(), std::nullopt);
}

TEST(EvaluateData, IgnoresPropertiesThatTheErrorHasItself_V42) {
  // Not even evaluated, unlike those that are dropped.
  EXPECT_EQ(
      echo(R"(["error","Error","m",null,{"name":["foo"],"message":["foo"],"stack":["foo"]}])"),
      R"(["error","Error","m"])");
  EXPECT_EQ(echo(R"(["error","Error","m",null,{"toString":["foo"]}])"),
            R"(TypeError: unknown special value: ["foo"])");
  EXPECT_EQ(echo(R"(["error","Error","m",null,{"toJSON":1,"a":2,"cause":["date",3]}])"),
            R"(["error","Error","m",null,{"a":2,"cause":["date",3]}])");
}

TEST(EvaluateData, TakesErrorsInErrors_V40) {
  const std::string text =
      R"(["error","AggregateError","m",null,{"errors":[[["error","URIError","n"]]]}])";
  EXPECT_EQ(echo(text), text);
}

TEST(EvaluateData, AnAggregateErrorAlwaysHasErrors_V38) {
  EXPECT_EQ(echo(R"(["error","AggregateError","m"])"),
            R"(["error","AggregateError","m",null,{"errors":[[]]}])");
  EXPECT_EQ(echo(R"(["error","AggregateError","m",null,{"errors":5}])"),
            R"(["error","AggregateError","m",null,{"errors":5}])");
}

TEST(EvaluateData, LimitsTheDepth_L2) {
  EXPECT_EQ(echo(nested(255, "1")), nested(255, "1"));
  EXPECT_EQ(echo(nested(256, "1")), kTooDeep);
  EXPECT_EQ(echo(nested(256, "")), nested(256, ""));
  EXPECT_EQ(echo(nested(257, "")), kTooDeep);
  EXPECT_EQ(echo(nested(255, "{}")), nested(255, "{}"));
  EXPECT_EQ(echo(nested(255, "{\"a\":1}")), kTooDeep);
  EXPECT_EQ(echo(nested(255, "{\"toJSON\":1}")), kTooDeep);
  EXPECT_EQ(echo(nested(255, R"(["error","Error","m",null,{"a":1}])")), kTooDeep);
}

TEST(EvaluateData, TheDepthIsALimitOfTheSession_L7) {
  EXPECT_EQ(echo("[[1]]", {.max_depth = 1}),
            "TypeError: Deserialization exceeded maximum allowed message depth of 1.");
  EXPECT_EQ(echo("1", {.max_depth = 1}), "1");
  EXPECT_EQ(echo(nested(400, "1"), {.max_depth = Limits::kUnlimited}),
            "Serialization exceeded maximum allowed depth. (Does the message contain cycles?)");
}

}  // namespace
}  // namespace capnweb::testing
