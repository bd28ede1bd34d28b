#include "wire/fetch_rules.hpp"

#include <gtest/gtest.h>

#include "wire/names.hpp"

namespace capnweb {
namespace {

TEST(FetchRules, KnowsAbsoluteUrls_V45) {
  for (const char* url : {"http://a",
                          "HTTP://a/",
                          "https://user:pw@a.b:8080/p?q#f",
                          "http:a",
                          "http:/a",
                          "http:\\\\a",
                          "ws://[::1]",
                          "wss://[::1]:80/",
                          "ftp://h:",
                          "http://a:65535",
                          "http://\xC3\xA9.de/",
                          "http://1.2.3.4?x",
                          "  http://a/ ",
                          "mailto:x",
                          "data:,",
                          "file:///x",
                          "urn:a:b",
                          "foo+bar-1.x:anything at all",
                          "http://a/b c",
                          "javascript:"})
    EXPECT_EQ(check_url(url), std::nullopt) << url;
}

TEST(FetchRules, RefusesOtherUrls_V45) {
  for (const char* url : {"",
                          ":",
                          "foo",
                          "/a",
                          "//a/b",
                          "1http://a",
                          "ht tp://a",
                          "http://",
                          "http:",
                          "http://?q",
                          "http://#f",
                          "http://:80",
                          "http://user@",
                          "http://a b/",
                          "http://a<b",
                          "http://a:65536",
                          "http://a:x",
                          "http://a:-1",
                          "http://[::1",
                          "http://[]",
                          "http://[::1]x",
                          "http://a\x7f/",
                          "http://a^b",
                          "http://a|b",
                          "  "})
    EXPECT_NE(check_url(url), std::nullopt) << url;
}

TEST(FetchRules, QuotesAUrlBounded_L11) {
  EXPECT_LT(check_url(std::string(10'000, 'x'))->message().size(), 200u);
}

TEST(FetchRules, ARequestHasNoCredentialsInItsUrl_V49) {
  EXPECT_EQ(check_request({.url = "http://u:p@a/"})->message(),
            "Request cannot be constructed from a URL that includes credentials: http://u:p@a/");
  EXPECT_EQ(check_request({.url = "http://a/@"}), std::nullopt);
  EXPECT_EQ(check_request({.url = "mailto:u@a"}), std::nullopt);
}

TEST(FetchRules, ARequestHasALegalMethod_V49) {
  for (const char* method : {"GET", "get", "POST", "patch", "X-y.1!"})
    EXPECT_EQ(check_request({.url = "http://a/", .method = method}), std::nullopt) << method;
  for (const char* method : {"", "a b", "a\nb", "G(T", "connect", "TRACE", "Track"})
    EXPECT_NE(check_request({.url = "http://a/", .method = method}), std::nullopt) << method;
  EXPECT_NE(check_request({.url = "http://a/", .method = std::string("a\0", 2)}), std::nullopt);
}

TEST(FetchRules, OnlySixMethodsAreNormalised_V49) {
  EXPECT_EQ(normalized_method("oPtIoNs"), "OPTIONS");
  EXPECT_EQ(normalized_method("patch"), "patch");
  EXPECT_EQ(normalized_method("Get "), "Get ");
}

TEST(FetchRules, HeadersAreLatin1_V46) {
  EXPECT_NE(check_request({.url = "http://a/", .headers = {{"a", "日"}}}), std::nullopt);
  EXPECT_NE(check_response({.headers = {{"a", "日"}}}), std::nullopt);
  EXPECT_EQ(check_response({.headers = {{"a", "é"}}}), std::nullopt);
}

TEST(FetchRules, AResponseHasALegalStatusText_V51) {
  EXPECT_EQ(check_response({.status_text = "Fein\t\xC3\xA9"}), std::nullopt);
  for (const char* text : {"a\r\nb", "\x7f", "日"})
    EXPECT_NE(check_response({.status_text = text}), std::nullopt) << text;
  EXPECT_NE(check_response({.status_text = std::string("\0", 1)}), std::nullopt);
}

TEST(Names, OfEveryObject_C11_V30) {
  EXPECT_TRUE(is_object_prototype_name("__lookupSetter__"));
  EXPECT_FALSE(is_object_prototype_name("toJSON"));
  EXPECT_FALSE(is_object_prototype_name("tostring"));
  EXPECT_TRUE(is_forbidden_key("toJSON"));
  EXPECT_FALSE(is_forbidden_key(""));
}

}  // namespace
}  // namespace capnweb
