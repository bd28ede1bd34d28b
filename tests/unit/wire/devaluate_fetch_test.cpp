#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "fakes.hpp"

namespace capnweb::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class DevaluateFetch : public ::testing::Test {
 protected:
  // The expression, or the error.
  std::string send(const Value& value) {
    std::string out;
    exporter_.log.clear();
    auto done = devaluate(value, &exporter_, Ownership::kOwned, out);
    return done ? out : done.error().what();
  }
  const Log& log() const { return exporter_.log; }

  Log hooks_;

 private:
  FakeExporter exporter_;
};

TEST_F(DevaluateFetch, Urls_V45) {
  EXPECT_EQ(send(Url{"http://example.com/a%20b"}), R"(["url","http://example.com/a%20b"])");
  EXPECT_EQ(send(Url{"/relative"}), "TypeError: Invalid URL: /relative");
}

TEST_F(DevaluateFetch, Headers_V46) {
  EXPECT_EQ(send(Headers{
                {"X-A", "1"}, {"b", "2"}, {"x-a", "3"}, {"Set-Cookie", "p"}, {"set-cookie", "q"}}),
            R"(["headers",[["b","2"],["set-cookie","p"],["set-cookie","q"],["x-a","1, 3"]]])");
  EXPECT_EQ(send(Headers{}), R"(["headers",[]])");
  EXPECT_EQ(send(Headers{{"a", "\xC3\xBF"}}), "[\"headers\",[[\"a\",\"\xC3\xBF\"]]]");
  EXPECT_EQ(send(Headers{{"a", "\xC4\x80"}}), "TypeError: No Latin-1 text in the HTTP header a");
}

TEST_F(DevaluateFetch, RequestsSayWhatIsNotDefault_V47) {
  EXPECT_EQ(send(Request{.url = "http://a/b"}), R"(["request","http://a/b",{}])");
  Request request{.url = "http://a/b", .method = "delete", .headers = {{"X", "1"}}};
  request.init = {{"unknown", 1},   {"encodeResponseBody", "manual"}, {"keepalive", true},
                  {"cf", Object{}}, {"redirect", "manual"},           {"cache", "no-store"},
                  {"mode", Value()}};
  EXPECT_EQ(send(request), R"(["request","http://a/b",{"method":"DELETE","headers":[["x","1"]],)"
                           R"("cache":"no-store","redirect":"manual","keepalive":true,"cf":{},)"
                           R"("encodeResponseBody":"manual"}])");
}

TEST_F(DevaluateFetch, ABodyGoesAsAStream_V48) {
  Request request{.url = "http://h/p", .method = "POST", .body = "data"};
  EXPECT_EQ(send(request),
            R"(["request","http://h/p",{"method":"POST","headers":[["content-type",)"
            R"("text/plain;charset=UTF-8"]],"body":["readable",1],"duplex":"half"}])");
  EXPECT_THAT(log(), ElementsAre("pipe Uint8Array 'data'"));

  request.headers = {{"Content-Type", "text/html"}};
  EXPECT_EQ(send(request), R"(["request","http://h/p",{"method":"POST","headers":[["content-type",)"
                           R"("text/html"]],"body":["readable",2],"duplex":"half"}])");

  request.headers = {};
  request.body = Bytes(std::vector{std::byte{'x'}}, BytesKind::kArrayBuffer);
  EXPECT_EQ(send(request), R"(["request","http://h/p",{"method":"POST","body":["readable",3],)"
                           R"("duplex":"half"}])");
  EXPECT_THAT(log(), ElementsAre("pipe Uint8Array 'x'"));

  request.body = detail::ReadableRef{fake_stub(hooks_, "stream")};
  send(request);
  EXPECT_THAT(log(), ElementsAre("pipe stream"));

  request.body = Value();
  EXPECT_EQ(send(request), R"(["request","http://h/p",{"method":"POST"}])");
  EXPECT_THAT(log(), IsEmpty());
}

TEST_F(DevaluateFetch, AnEmptyTextIsABody_V48) {
  EXPECT_EQ(send(Response{.body = ""}), R"(["response",["readable",1],{"headers":[["content-type",)"
                                        R"("text/plain;charset=UTF-8"]]}])");
  EXPECT_THAT(log(), ElementsAre("pipe Uint8Array ''"));
}

TEST_F(DevaluateFetch, TheTextOfABodyIsUtf8_V48) {
  send(Response{.body = "a\xED\xA0\x80z\xC3\xA9\xFF"});
  EXPECT_THAT(log(), ElementsAre("pipe Uint8Array 'a\xEF\xBF\xBDz\xC3\xA9\xEF\xBF\xBD'"));
}

TEST_F(DevaluateFetch, OtherBodiesAreRefused_V48) {
  const std::string error = "TypeError: A body must be a string, bytes or a stream, not number.";
  EXPECT_EQ(send(Request{.url = "http://a/", .method = "POST", .body = 5}), error);
  EXPECT_EQ(send(Response{.body = 5}), error);
}

TEST_F(DevaluateFetch, RequestsNobodyCouldMakeAreRefused_V49) {
  EXPECT_EQ(send(Request{.url = "x"}), "TypeError: Failed to parse URL from x");
  EXPECT_EQ(send(Request{.url = "http://a/", .body = "x"}),
            "TypeError: Request with GET/HEAD method cannot have body.");
  EXPECT_EQ(send(Request{.url = "http://a/", .method = "head", .body = "x"}),
            "TypeError: Request with GET/HEAD method cannot have body.");
  EXPECT_THAT(log(), IsEmpty());
}

TEST_F(DevaluateFetch, Responses_V50) {
  EXPECT_EQ(send(Response{}), R"(["response",null,{}])");
  EXPECT_EQ(send(Response{.body = Value()}), R"(["response",null,{}])");
  Response response{.status = 404, .status_text = "NF", .headers = {{"X", "1"}}};
  response.init = {{"encodeBody", "manual"}, {"cf", 1}, {"other", 2}};
  EXPECT_EQ(send(response), R"(["response",null,{"status":404,"statusText":"NF",)"
                            R"("headers":[["x","1"]],"cf":1,"encodeBody":"manual"}])");
}

TEST_F(DevaluateFetch, ResponsesNobodyCouldMakeAreRefused_V51) {
  EXPECT_EQ(send(Response{.status = 99}),
            "RangeError: The status of a Response must be between 200 and 599, not 99.");
  EXPECT_EQ(send(Response{.status = 204, .body = "x"}),
            "TypeError: A Response with status 204 cannot have a body.");
  EXPECT_EQ(send(Response{.status_text = "a\nb"}), "TypeError: Invalid statusText");
}

TEST_F(DevaluateFetch, PlainMembersAreJson_V47) {
  const auto cf = [this](Value value) {
    return send(Response{.init = {{"cf", std::move(value)}}});
  };
  EXPECT_EQ(cf(Array{}), R"(["response",null,{"cf":[]}])");
  EXPECT_EQ(cf(Array{1, "x", nullptr, true, Value(), HUGE_VAL, Array{2}}),
            R"(["response",null,{"cf":[1,"x",null,true,null,null,[2]]}])");
  EXPECT_EQ(cf(Object{{"a", Value()}, {"b", Object{}}, {"c", -HUGE_VAL}}),
            R"(["response",null,{"cf":{"b":{},"c":null}}])");
  EXPECT_EQ(cf(Array{Date{}}),
            "TypeError: The init object of a Request or Response is plain JSON, without Date.");
  EXPECT_EQ(cf(Object{{"a", Bytes()}}).substr(0, 10), "TypeError:");
  EXPECT_EQ(send(Request{.url = "http://a/", .init = {{"cf", Date{}}}}).substr(0, 10),
            "TypeError:");
}

TEST_F(DevaluateFetch, Blobs_V53) {
  EXPECT_EQ(send(Blob{"x/y", Bytes::from_text("hello")}), R"(["blob","x/y",["readable",1]])");
  EXPECT_THAT(log(), ElementsAre("pipe Uint8Array 'hello'"));
  EXPECT_EQ(send(Blob{"", Bytes()}), R"(["blob","",["readable",2]])");
}

TEST_F(DevaluateFetch, WhatThePeerEvaluatesIsOneDeeper_L2_L5) {
  const std::string error =
      "Serialization exceeded maximum allowed depth. (Does the message contain cycles?)";
  const auto deep = [this](std::size_t levels, Value value) {
    for (std::size_t i = 0; i < levels; ++i) value = Array{std::move(value)};
    return send(value);
  };
  EXPECT_EQ(deep(254, Response{}), nested(254, R"(["response",null,{}])"));
  EXPECT_EQ(deep(255, Response{}), error);
  EXPECT_EQ(deep(255, Request{.url = "http://a/"}), nested(255, R"(["request","http://a/",{}])"));
  EXPECT_EQ(deep(255, Request{.url = "http://a/", .method = "POST", .body = "x"}), error);
  EXPECT_EQ(deep(254, Blob{}), nested(254, R"(["blob","",["readable",1]])"));
  EXPECT_EQ(deep(255, Blob{}), error);
  EXPECT_EQ(deep(255, Request{.url = "http://a/", .init = {{"cf", 1}}}), error);
  EXPECT_THAT(log(), IsEmpty()) << "no pipe was opened in vain";
}

}  // namespace
}  // namespace capnweb::testing
