#include <gtest/gtest.h>

#include "fakes.hpp"

namespace capnweb::testing {
namespace {

const char* const kNoPairs = "TypeError: Request headers must be serialized as an array of pairs.";

// The request or response of an expression in a session that has the pipe 2; or the error.
std::string body_of(const std::string& text) {
  static Log log;
  FakeImporter importer(log);
  Parsed json(text);
  auto result = evaluate(*json, &importer, Limits{});
  if (!result) return result.error().what();
  if (auto* request = result->value.get_if<Request>()) return show(request->body);
  return show(result->value.get<Response>().body);
}

TEST(EvaluateFetch, ReadsUrls_V45) {
  EXPECT_EQ(deserialize(R"(["url","http://example.com/a%20b"])"),
            Value(Url{"http://example.com/a%20b"}));
  EXPECT_EQ(echo(R"(["url","foo"])"), "TypeError: Invalid URL: foo");
  for (const char* text : {R"(["url"])", R"(["url",5])", R"(["url","http://a/",1])"})
    EXPECT_EQ(echo(text), "TypeError: unknown special value: " + std::string(text));
}

TEST(EvaluateFetch, ReadsHeaders_V46) {
  const std::string text =
      R"(["headers",[["a","1, 2"],["set-cookie","x"],["set-cookie","y"],["z","é"]]])";
  EXPECT_EQ(echo(text), text);
  EXPECT_EQ(echo(R"(["headers",[["Z","1"],["A"," 2 "],["a","3"]]])"),
            R"(["headers",[["a","2, 3"],["z","1"]]])");
  EXPECT_EQ(echo(R"(["headers",[]])"), R"(["headers",[]])");
}

TEST(EvaluateFetch, RefusesBadHeaders_V46) {
  EXPECT_EQ(echo(R"(["headers",[["a b","1"]]])"),
            "TypeError: Headers.append: \"a b\" is an invalid header name.");
  EXPECT_TRUE(echo(R"(["headers",[["a","1\n2"]]])").starts_with("TypeError: Headers.append: "));
  EXPECT_TRUE(echo(R"(["headers",[["a","日"]]])").starts_with("TypeError: "));
  for (const char* pairs : {"[5]", R"([["a"]])", R"([["a","b","c"]])", R"([["a",5]])",
                            R"([[5,"a"]])", R"([{"a":"b"}])"})
    EXPECT_EQ(echo(R"(["headers",)" + std::string(pairs) + "]"),
              "TypeError: Headers must be pairs of strings.");
  for (const char* text : {R"(["headers"])", R"(["headers",{}])", R"(["headers",[],1])"})
    EXPECT_EQ(echo(text), "TypeError: unknown special value: " + std::string(text));
}

TEST(EvaluateFetch, ReadsRequests_V47) {
  const std::string text =
      R"(["request","http://a/b",{"method":"PUT","headers":[["x","1"]],"cache":"no-store",)"
      R"("redirect":"manual","integrity":"i","mode":"same-origin","credentials":"omit",)"
      R"("referrer":"http://r/","referrerPolicy":"origin","keepalive":true,)"
      R"("cf":{"a":[1,null,"x",{}],"b":false},"encodeResponseBody":"manual"}])";
  EXPECT_EQ(echo(text), text);
  const Request request = deserialize(text).get<Request>();
  EXPECT_EQ(request.url, "http://a/b");
  EXPECT_EQ(request.method, "PUT");
  EXPECT_EQ(*request.headers.get("X"), "1");
  EXPECT_TRUE(request.body.is_null());
  EXPECT_EQ(*request.init.find("cache"), Value("no-store"));
  EXPECT_EQ((*request.init.find("cf"))["a"], Value(Array{1, nullptr, "x", Object{}}));
}

TEST(EvaluateFetch, ChecksTheShapeOfRequests_V49) {
  for (const char* text :
       {R"(["request","http://a/"])", R"(["request",5,{}])", R"(["request","http://a/",null])",
        R"(["request","http://a/","x"])", R"(["request","http://a/",{},1])"})
    EXPECT_EQ(echo(text), "TypeError: unknown special value: " + std::string(text));
  EXPECT_EQ(echo(R"(["request","http://a/",[]])"), R"(["request","http://a/",{}])");
  EXPECT_EQ(echo(R"(["request","/b",{}])"), "TypeError: Failed to parse URL from /b");
  EXPECT_EQ(echo(R"(["request","http://a/",{"window":null,"unknown":["foo"],"duplex":"half"}])"),
            R"(["request","http://a/",{}])");
}

TEST(EvaluateFetch, NormalisesMethods_V49) {
  const auto method = [](const std::string& name) {
    return echo(R"(["request","http://a/",{"method":)" + name + "}]");
  };
  EXPECT_EQ(method("\"get\""), R"(["request","http://a/",{}])");
  EXPECT_EQ(method("\"post\""), R"(["request","http://a/",{"method":"POST"}])");
  EXPECT_EQ(method("\"patch\""), R"(["request","http://a/",{"method":"patch"}])");
  EXPECT_EQ(method("\"a b\""), "TypeError: Not a valid HTTP method: a b");
  EXPECT_EQ(method("\"CONNECT\""), "TypeError: Unsupported HTTP method: CONNECT");
  EXPECT_EQ(method("5"), "TypeError: The member method must be a string.");
}

TEST(EvaluateFetch, TheBodyOfARequestIsAnExpression_V49) {
  const auto post = [](const std::string& body) {
    return R"(["request","http://a/",{"method":"POST","body":)" + body + "}]";
  };
  EXPECT_EQ(body_of(post(R"(["readable",2])")), "<pipe reads>");
  EXPECT_EQ(body_of(post("\"x\"")), "\"x\"");
  EXPECT_EQ(body_of(post("\"\"")), "\"\"");
  EXPECT_EQ(body_of(post("null")), "null");
  EXPECT_EQ(body_of(post(R"(["bytes","AQI"])")), R"(["bytes","AQI"])");
  const std::string error = "TypeError: Request body must be of type ReadableStream.";
  for (const char* body : {"5", "true", "{}", "[[]]", R"(["bytes","AQI","ArrayBuffer"])",
                           R"(["undefined"])", R"(["writable",-1])"})
    EXPECT_EQ(body_of(post(body)), error);
  EXPECT_EQ(body_of(post("[]")), "TypeError: unknown special value: []");
  EXPECT_EQ(body_of(R"(["request","http://a/",{"body":"x"}])"),
            "TypeError: Request with GET/HEAD method cannot have body.");
}

TEST(EvaluateFetch, KnowsNoSignals_V49) {
  const auto signal = [](const std::string& text) {
    return echo(R"(["request","http://a/",{"signal":)" + text + "}]");
  };
  EXPECT_EQ(signal("1"), "TypeError: Request siganl must be of type AbortSignal.");
  EXPECT_EQ(signal("true"), "TypeError: Request siganl must be of type AbortSignal.");
  EXPECT_EQ(signal("[\"foo\"]"), "TypeError: unknown special value: [\"foo\"]");
  for (const char* falsy : {"null", "false", "0", "\"\""})
    EXPECT_EQ(signal(falsy), R"(["request","http://a/",{}])");
}

TEST(EvaluateFetch, HeadersOfARequestArePairs_V49) {
  EXPECT_EQ(echo(R"(["request","http://a/",{"headers":{"a":"b"}}])"), kNoPairs);
  EXPECT_EQ(echo(R"(["request","http://a/",{"headers":5}])"), kNoPairs);
  EXPECT_EQ(echo(R"(["request","http://a/",{"headers":null}])"), kNoPairs);
  EXPECT_EQ(echo(R"(["request","http://a/",{"headers":[["a"]]}])"),
            "TypeError: Headers must be pairs of strings.");
}

TEST(EvaluateFetch, OfTwinMembersTheLastCounts_V2) {
  EXPECT_EQ(echo(R"(["request","http://a/",{"method":"POST","method":"PUT","cf":1,"cf":2}])"),
            R"(["request","http://a/",{"method":"PUT","cf":2}])");
}

TEST(EvaluateFetch, ReadsResponses_V50) {
  const std::string text =
      R"(["response",null,{"status":404,"statusText":"NF","headers":[["x","1"]],)"
      R"("cf":{"a":1},"encodeBody":"manual"}])";
  EXPECT_EQ(echo(text), text);
  EXPECT_EQ(echo(R"(["response",null,{}])"), R"(["response",null,{}])");
  EXPECT_EQ(echo(R"(["response",null,[]])"), R"(["response",null,{}])");
}

TEST(EvaluateFetch, ChecksTheShapeOfResponses_V51) {
  for (const char* text : {R"(["response",null])", R"(["response",null,null])",
                           R"(["response",null,"x"])", R"(["response",null,{},1])"})
    EXPECT_EQ(echo(text), "TypeError: unknown special value: " + std::string(text));
  EXPECT_EQ(echo(R"(["response",null,{"webSocket":1}])"),
            "TypeError: Can't deserialize a Response containing a webSocket.");
  EXPECT_EQ(echo(R"(["response",null,{"webSocket":null}])"), R"(["response",null,{}])");
  EXPECT_EQ(echo(R"(["response",null,{"headers":5}])"), kNoPairs);
  EXPECT_EQ(echo(R"(["response",null,{"statusText":5}])"),
            "TypeError: The member statusText must be a string.");
}

TEST(EvaluateFetch, TheBodyOfAResponseIsAnExpression_V51) {
  EXPECT_EQ(body_of(R"(["response",["readable",2],{}])"), "<pipe reads>");
  EXPECT_EQ(body_of(R"(["response","x",{}])"), "\"x\"");
  EXPECT_EQ(body_of(R"(["response",["bytes","AQI"],{}])"), R"(["bytes","AQI"])");
  EXPECT_EQ(body_of(R"(["response",5,{}])"),
            "TypeError: Response body must be of type ReadableStream.");
  EXPECT_EQ(body_of(R"(["response",["foo"],null])"), "TypeError: unknown special value: [\"foo\"]");
}

TEST(EvaluateFetch, ChecksTheStatus_V51) {
  const auto status = [](const std::string& number) {
    return echo(R"(["response",null,{"status":)" + number + "}]");
  };
  EXPECT_EQ(status("599"), R"(["response",null,{"status":599}])");
  EXPECT_EQ(status("200.7"), R"(["response",null,{}])");
  EXPECT_EQ(status("199").substr(0, 11), "RangeError:");
  EXPECT_EQ(status("600").substr(0, 11), "RangeError:");
  EXPECT_EQ(status("1e400").substr(0, 11), "RangeError:");
  EXPECT_EQ(status("-1e9").substr(0, 11), "RangeError:");
  EXPECT_EQ(status("\"404\""), "TypeError: The member status must be a number.");
  for (const char* empty : {"204", "205", "304"}) {
    EXPECT_EQ(status(empty).substr(0, 11), "[\"response\"");
    EXPECT_EQ(body_of(R"(["response","x",{"status":)" + std::string(empty) + "}]"),
              "TypeError: A Response with status " + std::string(empty) + " cannot have a body.");
  }
}

TEST(EvaluateFetch, BodiesAndPlainMembersAreOneDeeper_L2) {
  const std::string error =
      "TypeError: Deserialization exceeded maximum allowed message depth of 256.";
  EXPECT_EQ(echo(nested(254, R"(["response",null,{}])")), nested(254, R"(["response",null,{}])"));
  EXPECT_EQ(echo(nested(255, R"(["response",null,{}])")), error);
  EXPECT_EQ(echo(nested(255, R"(["request","http://a/",{}])")),
            nested(255, R"(["request","http://a/",{}])"));
  EXPECT_EQ(echo(nested(255, R"(["request","http://a/",{"method":"PUT","body":""}])")), error);
  const std::string cf = R"(["request","http://a/",{"cf":)";
  const std::string brackets(254, '[');
  const std::string closing(254, ']');
  EXPECT_EQ(echo(cf + brackets + "1" + closing + "}]"), cf + brackets + "1" + closing + "}]");
  EXPECT_EQ(echo(cf + brackets + "[1]" + closing + "}]"), error);
  EXPECT_EQ(echo(cf + brackets + "{\"a\":1}" + closing + "}]"), error);
  EXPECT_EQ(echo(R"(["response",null,{"cf":)" + brackets + "[1]" + closing + "}]"), error);
}

}  // namespace
}  // namespace capnweb::testing
