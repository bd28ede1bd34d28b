#include <gtest/gtest.h>

#include "net/url.hpp"

namespace capnweb {
namespace {

std::string shown(std::string_view text) {
  const auto url = parse_server_url(text);
  if (!url) return url.error().message();
  return url->scheme + " " + url->authority() + " " + std::to_string(url->port) + " " + url->target;
}

TEST(ServerUrl, KnowsFourSchemesAndTheirPorts) {
  EXPECT_EQ(shown("ws://Example.org/rpc"), "ws example.org 80 /rpc");
  EXPECT_EQ(shown("WSS://example.org/rpc"), "wss example.org 443 /rpc");
  EXPECT_EQ(shown("http://example.org:8080"), "http example.org:8080 8080 /");
  EXPECT_EQ(shown("https://example.org:443?x=1"), "https example.org 443 /?x=1");
}

TEST(ServerUrl, TakesAddresses) {
  EXPECT_EQ(shown("ws://127.0.0.1:9/"), "ws 127.0.0.1:9 9 /");
  EXPECT_EQ(shown("ws://[::1]:9/rpc"), "ws [::1]:9 9 /rpc");
  EXPECT_EQ(parse_server_url("ws://[::1]/")->host, "::1");
}

TEST(ServerUrl, LeavesTheFragmentOutAndEscapesWhatWouldBreakTheRequestLine) {
  EXPECT_EQ(shown("http://a/b#c/d"), "http a 80 /b");
  EXPECT_EQ(shown("http://a/b c\r\nX: y?\xC3\xA9"), "http a 80 /b%20c%0D%0AX:%20y?%C3%A9");
}

TEST(ServerUrl, SaysWhatIsWrong) {
  EXPECT_EQ(shown("example.org/rpc"),
            "Invalid URL 'example.org/rpc': it needs a scheme, as in ws://host:port/path");
  EXPECT_EQ(shown("ftp://a"), "Invalid URL 'ftp://a': the scheme must be ws, wss, http or https");
  EXPECT_NE(shown("http://").find("it needs a host"), std::string::npos);
  EXPECT_NE(shown("http://a b/").find("it needs a host"), std::string::npos);
  EXPECT_NE(shown("http://a:b/").find("it needs a host"), std::string::npos);
  EXPECT_NE(shown("http://a:0/").find("between 1 and 65535"), std::string::npos);
  EXPECT_NE(shown("http://[1.2.3.4]/").find("it needs a host"), std::string::npos);
}

TEST(ServerUrl, NeverQuotesAPassword) {
  const std::string text = shown("http://user:secret@example.org/");
  EXPECT_EQ(text.find("secret"), text.npos);
  EXPECT_NE(text.find("Authorization"), text.npos);
}

TEST(HostPort, ReadsWhatHostHeadersHold) {
  HostPort where;
  ASSERT_TRUE(parse_host_port("Example.ORG.:080", where));
  EXPECT_EQ(where, (HostPort{"example.org", "80"}));
  ASSERT_TRUE(parse_host_port("[::1]", where));
  EXPECT_EQ(where, (HostPort{"::1", ""}));
  for (const char* bad :
       {"", ":80", "a:", "a:65536", "a/b", "a@b", "[::1", "::1", "a b", "[a]", ".a", "a..", "a..b"})
    EXPECT_FALSE(parse_host_port(bad, where)) << bad;
  using namespace std::string_view_literals;
  EXPECT_FALSE(parse_host_port("[::1\0\r\nX: y]"sv, where));
}

}  // namespace
}  // namespace capnweb
