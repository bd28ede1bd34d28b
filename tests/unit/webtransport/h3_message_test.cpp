#include "net/webtransport/h3_message.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "net/webtransport/qpack.hpp"

namespace capnweb {
namespace {

using namespace std::literals;
using testing::HasSubstr;

const H3Fields kConnect = {{":scheme", "https"},
                           {":method", "CONNECT"},
                           {":authority", "127.0.0.1:4433"},
                           {":path", "/rpc/wt?x=1"},
                           {":protocol", "webtransport"},
                           {"sec-webtransport-http3-draft02", "1"},
                           {"origin", "http://127.0.0.1:8080"}};

H3Fields with(H3Fields fields, std::string name, std::string value) {
  fields.emplace_back(std::move(name), std::move(value));
  return fields;
}

H3Fields without(H3Fields fields, std::string_view name) {
  std::erase_if(fields, [name](const auto& field) { return field.first == name; });
  return fields;
}

// What is wrong with a request, or "".
std::string complaint(const H3Fields& fields) {
  const auto read = read_h3_request(fields);
  if (std::holds_alternative<H3Request>(read)) return "";
  EXPECT_EQ(std::get<H3Error>(read).code, H3Code::kMessageError);
  return std::string(std::get<H3Error>(read).reason);
}

// ---- QPACK

TEST(Qpack, CarriesFieldsAndNeedsNoTable) {
  Qpack sender;
  Qpack receiver;
  const std::string section = sender.encode(0, kConnect);
  EXPECT_EQ(section.substr(0, 2), "\x00\x00"s);  // refers to no dynamic table
  const auto read = receiver.decode(0, section);
  ASSERT_TRUE(std::holds_alternative<H3Fields>(read));
  EXPECT_EQ(std::get<H3Fields>(read), kConnect);
}

TEST(Qpack, RefusesWhatItCannotDecode) {
  const std::string whole = Qpack().encode(0, kConnect);
  // A fresh one each time: a connection does not go on after this.
  const auto code = [](std::string_view section) {
    Qpack qpack;
    const auto read = qpack.decode(4, section);
    return std::holds_alternative<H3Error>(read) ? std::get<H3Error>(read).code : H3Code::kNoError;
  };
  EXPECT_EQ(code(""), H3Code::kQpackDecompressionFailed);
  // An entry of a dynamic table that there is none of, and a section that waits for one.
  EXPECT_EQ(code("\x00\x00\x80"s), H3Code::kQpackDecompressionFailed);
  EXPECT_EQ(code("\x02\x00\x80"s), H3Code::kQpackDecompressionFailed);
  EXPECT_EQ(code(std::string_view(whole).substr(0, whole.size() - 1)),
            H3Code::kQpackDecompressionFailed);
  EXPECT_EQ(code(whole), H3Code::kNoError);
}

TEST(Qpack, RefusesBombs) {
  Qpack qpack;
  const auto code = [&qpack](std::string_view section) {
    const auto read = qpack.decode(4, section);
    return std::holds_alternative<H3Error>(read) ? std::get<H3Error>(read).code : H3Code::kNoError;
  };
  // One byte each stands for a long field of the static table.
  const std::string entry = "\xff\x02";
  std::string bomb = "\x00\x00"s;
  for (std::size_t i = 0; i < Qpack::kMaxFields; ++i) bomb += entry;
  EXPECT_EQ(code(bomb), H3Code::kNoError);
  EXPECT_EQ(code(bomb + entry), H3Code::kExcessiveLoad);
  // Huffman coding makes more of it than came.
  const std::string large(Qpack::kMaxSize, 'a');
  const std::string section = qpack.encode(0, {{"x", large}});
  EXPECT_LT(section.size(), Qpack::kMaxSize);
  EXPECT_EQ(code(section), H3Code::kExcessiveLoad);
}

// ---- Requests

TEST(H3Request, OfASessionIsRead) {
  const auto read = read_h3_request(kConnect);
  ASSERT_TRUE(std::holds_alternative<H3Request>(read));
  const auto& request = std::get<H3Request>(read);
  EXPECT_TRUE(request.wants_webtransport());
  EXPECT_EQ(request.path, "/rpc/wt?x=1");
  EXPECT_EQ(request.authority, "127.0.0.1:4433");
  ASSERT_TRUE(request.headers.get("origin"));
  EXPECT_EQ(*request.headers.get("origin"), "http://127.0.0.1:8080");
}

TEST(H3Request, OfOtherKindsIsNoSession) {
  const auto is_session = [](std::string protocol) {
    H3Fields fields = without(kConnect, ":protocol");
    fields.insert(fields.begin(), {":protocol", std::move(protocol)});
    return std::get<H3Request>(read_h3_request(fields)).wants_webtransport();
  };
  EXPECT_TRUE(is_session("webtransport"));
  EXPECT_TRUE(is_session("webtransport-h3"));
  EXPECT_FALSE(is_session("websocket"));
  const H3Fields get = {{":method", "GET"}, {":scheme", "https"}, {":path", "/"}, {"host", "a"}};
  const auto read = read_h3_request(get);
  ASSERT_TRUE(std::holds_alternative<H3Request>(read));
  EXPECT_FALSE(std::get<H3Request>(read).wants_webtransport());
  EXPECT_EQ(std::get<H3Request>(read).authority, "a");
  const H3Fields tunnel = {{":method", "CONNECT"}, {":authority", "example.org:25"}};
  EXPECT_FALSE(std::get<H3Request>(read_h3_request(tunnel)).wants_webtransport());
}

TEST(H3Request, ThatIsMalformedIsRefused) {
  EXPECT_EQ(complaint(kConnect), "");
  EXPECT_THAT(complaint(with(kConnect, ":path", "/")), HasSubstr("behind others"));
  EXPECT_THAT(complaint({{":method", "GET"}, {":method", "GET"}}), HasSubstr("twice"));
  EXPECT_THAT(complaint({{":status", "200"}}), HasSubstr("not known"));
  EXPECT_THAT(complaint(with(kConnect, "Origin", "x")), HasSubstr("upper case"));
  EXPECT_THAT(complaint(with(kConnect, "connection", "close")), HasSubstr("HTTP/1.1"));
  EXPECT_THAT(complaint(with(kConnect, "te", "gzip")), HasSubstr("HTTP/1.1"));
  EXPECT_EQ(complaint(with(kConnect, "te", "trailers")), "");
  EXPECT_THAT(complaint(with(kConnect, "a b", "x")), HasSubstr("not legal"));
  EXPECT_THAT(complaint(with(kConnect, "x", "a\r\nb")), HasSubstr("not legal"));
  EXPECT_THAT(complaint(without(kConnect, ":method")), HasSubstr("without a method"));
  EXPECT_THAT(complaint(without(kConnect, ":path")), HasSubstr("without a scheme or path"));
  EXPECT_THAT(complaint(without(kConnect, ":protocol")), HasSubstr("CONNECT with"));
  EXPECT_THAT(complaint({{":method", "GET"}, {":protocol", "webtransport"}}),
              HasSubstr("not CONNECT"));
  EXPECT_THAT(complaint({{":method", "GET"}, {":scheme", "https"}, {":path", "/a b"}}),
              HasSubstr("not legal"));
}

TEST(H3Request, OfOursIsOneThatWeAccept) {
  const H3Fields fields =
      make_wt_request("example.org", "/rpc/wt", {{"Authorization", "Bearer x"}, {"Host", "other"}});
  const auto read = read_h3_request(fields);
  ASSERT_TRUE(std::holds_alternative<H3Request>(read));
  EXPECT_TRUE(std::get<H3Request>(read).wants_webtransport());
  EXPECT_EQ(std::get<H3Request>(read).authority, "other");
  EXPECT_EQ(*std::get<H3Request>(read).headers.get("authorization"), "Bearer x");
}

TEST(H3Response, HasAStatus) {
  const auto status = [](const H3Fields& fields) {
    const auto read = read_h3_response(fields);
    return std::holds_alternative<H3Response>(read) ? std::get<H3Response>(read).status : 0;
  };
  EXPECT_EQ(status({{":status", "200"}, {"sec-webtransport-http3-draft", "draft02"}}), 200);
  EXPECT_EQ(status({{":status", "403"}}), 403);
  for (const char* text : {"", "20", "2000", "20x", "099", "-10"})
    EXPECT_EQ(status({{":status", text}}), 0) << text;
  EXPECT_EQ(status({}), 0);
  EXPECT_EQ(status({{":status", "200"}, {":path", "/"}}), 0);
}

}  // namespace
}  // namespace capnweb
