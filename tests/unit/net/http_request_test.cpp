#include <gtest/gtest.h>

#include <algorithm>

#include "net/http_server_request.hpp"

namespace capnweb {
namespace {

constexpr std::size_t kMaxBody = 1000;

struct Read {
  HttpRequestParser parser{HttpLimits{}, kMaxBody};
  std::size_t used = 0;

  // Feeds `text` in pieces of `size` bytes.
  explicit Read(const std::string& text, std::size_t size = std::string::npos) {
    std::size_t seen = 0;
    while (!parser.is_complete() && !parser.refusal()) {
      const std::size_t before = used;
      const bool had_head = parser.has_head();
      used += parser.feed(std::string_view(text).substr(used, seen - used));
      if (used != before || parser.has_head() != had_head) continue;
      if (seen == text.size()) break;
      seen = size >= text.size() - seen ? text.size() : seen + size;
    }
  }
  int status() const { return parser.refusal() ? parser.refusal()->status : 0; }
  const RequestInfo& info() { return parser.request().info; }
};

std::string with_headers(std::string_view headers, std::string_view method = "POST") {
  return std::string(method) + " /rpc HTTP/1.1\r\nHost: a\r\n" + std::string(headers) + "\r\n";
}

TEST(HttpRequest, ReadsTheSameFromPiecesOfAnySize) {
  const std::string text =
      "POST /rpc?x=%20 HTTP/1.1\r\nHOST: a.b:80\r\nX-Name:  some text \r\n"
      "Content-Length: 5\r\n\r\nhello";
  for (std::size_t size = 1; size <= text.size(); ++size) {
    Read read(text + "POST", size);
    ASSERT_TRUE(read.parser.is_complete()) << size;
    EXPECT_EQ(read.used, text.size());
    EXPECT_EQ(read.info().method, "POST");
    EXPECT_EQ(read.info().target, "/rpc?x=%20");
    EXPECT_EQ(read.parser.request().host, "a.b:80");
    EXPECT_EQ(*find_header(read.info().headers, "x-name"), "some text");
    EXPECT_EQ(read.parser.request().body, "hello");
    EXPECT_TRUE(read.parser.request().keep_alive);
  }
}

TEST(HttpRequest, ReadsChunks) {
  const std::string text = with_headers("Transfer-Encoding: chunked\r\n") +
                           "3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nT: u\r\n\r\n";
  for (std::size_t size = 1; size <= text.size(); ++size) {
    Read read(text, size);
    ASSERT_TRUE(read.parser.is_complete()) << size;
    EXPECT_EQ(read.parser.request().body, "abcde");
    EXPECT_EQ(find_header(read.info().headers, "t"), nullptr);
  }
}

// Where the parser below would stop a program with assertions.
TEST(HttpRequest, ReadsALastChunkThatComesByteByByte) {
  Read read(with_headers("Transfer-Encoding: chunked\r\n") + "0\r\nTrailer: x\r\n\r\n", 1);
  EXPECT_TRUE(read.parser.is_complete());
}

TEST(HttpRequest, SkipsEmptyLinesBeforeARequest) {
  EXPECT_TRUE(Read("\r\n\r\n" + with_headers("", "GET")).parser.is_complete());
}

TEST(HttpRequest, KnowsUpgradesAndKeepAlive) {
  const auto upgrade = "Connection: keep-alive, Upgrade\r\nUpgrade: h2c, WebSocket\r\n";
  EXPECT_TRUE(Read(with_headers(upgrade, "GET")).parser.request().wants_websocket);
  EXPECT_FALSE(Read(with_headers(upgrade)).parser.request().wants_websocket);
  EXPECT_FALSE(
      Read(with_headers("Upgrade: websocket\r\n", "GET")).parser.request().wants_websocket);
  EXPECT_FALSE(Read(with_headers("Connection: close\r\n", "GET")).parser.request().keep_alive);
  EXPECT_FALSE(Read("GET / HTTP/1.0\r\n\r\n").parser.request().keep_alive);
  EXPECT_TRUE(Read("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").parser.request().keep_alive);
}

TEST(HttpRequest, TakesTheHostOfAnAbsoluteTarget) {
  Read read("GET http://real.example:81/rpc HTTP/1.1\r\nHost: other\r\n\r\n");
  EXPECT_EQ(read.parser.request().host, "real.example:81");
  EXPECT_EQ(read.info().target, "/rpc");
}

TEST(HttpRequest, ReadsHeaderValuesAsLatin1) {
  Read read(with_headers("X: caf\xE9\r\n", "GET"));
  EXPECT_EQ(*find_header(read.info().headers, "x"), "caf\xC3\xA9");
}

TEST(HttpRequest, BoundsTheHead) {
  std::string many;
  for (int i = 0; i < 101; ++i) many += "X: y\r\n";
  EXPECT_EQ(Read(with_headers(many)).status(), 431);
  EXPECT_EQ(Read(with_headers("X: " + std::string(17000, 'y') + "\r\n")).status(), 431);
  EXPECT_EQ(Read("POST /" + std::string(17000, 'y')).status(), 431);
  EXPECT_EQ(Read("POST /" + std::string(17000, 'y'), 100).status(), 431);
}

TEST(HttpRequest, CountsEveryByteOfTheHead) {
  const std::size_t rest = HttpLimits{}.max_header_size - with_headers("X: \r\n").size();
  const std::string fits = with_headers("X: " + std::string(rest, 'y') + "\r\n");
  const std::string is_longer = with_headers("X: " + std::string(rest + 1, 'y') + "\r\n");
  for (const std::size_t size : {std::size_t(1), std::size_t(1000), std::string::npos}) {
    EXPECT_EQ(Read(fits, size).status(), 0);
    EXPECT_EQ(Read(is_longer, size).status(), 431);
  }
}

TEST(HttpRequest, BoundsTheBody) {
  EXPECT_EQ(Read(with_headers("Content-Length: 1001\r\n")).status(), 413);
  EXPECT_EQ(Read(with_headers("Content-Length: 99999999999999999999\r\n")).status(), 400);
  const std::string chunk = "190\r\n" + std::string(0x190, 'x') + "\r\n";
  EXPECT_EQ(Read(with_headers("Transfer-Encoding: chunked\r\n") + chunk + chunk + chunk).status(),
            413);
}

TEST(HttpRequest, BoundsWhatStandsBetweenChunks) {
  const std::string head = with_headers("Transfer-Encoding: chunked\r\n");
  EXPECT_EQ(Read(head + "1;" + std::string(20000, 'x'), 500).status(), 431);
  EXPECT_EQ(Read(head + "0\r\nT: " + std::string(20000, 'x'), 500).status(), 431);
}

TEST(HttpRequest, RefusesWhatOthersCouldReadDifferently) {
  EXPECT_EQ(Read(with_headers("Content-Length: 1\r\nContent-Length: 2\r\n")).status(), 400);
  EXPECT_EQ(Read(with_headers("Content-Length: 1\r\nTransfer-Encoding: chunked\r\n")).status(),
            400);
  EXPECT_EQ(Read(with_headers("Transfer-Encoding: chunked\r\nContent-Length: 1\r\n")).status(),
            400);
  EXPECT_EQ(Read(with_headers("Transfer-Encoding: gzip\r\n")).status(), 501);
  EXPECT_EQ(Read(with_headers("Transfer-Encoding: chunked, gzip\r\n")).status(), 501);
  EXPECT_EQ(Read("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n").status(), 501);
  EXPECT_EQ(Read(with_headers("Host: b\r\n")).status(), 400);
  EXPECT_EQ(Read(with_headers("X : y\r\n")).status(), 400);
  EXPECT_EQ(Read("POST / HTTP/1.1\r\nHost: a\n\r\n").status(), 400);
}

TEST(HttpRequest, RefusesWhatIsNoRequest) {
  EXPECT_EQ(Read("GET / HTTP/1.1\r\n\r\n").status(), 400);
  EXPECT_EQ(Read("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").status(), 505);
  EXPECT_EQ(Read("\x16\x03\x01\x02\r\n\r\n").status(), 400);
  EXPECT_EQ(Read(with_headers("Expect: a miracle\r\n")).status(), 417);
}

}  // namespace
}  // namespace capnweb
