#include "net/ws_handshake.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "net/sha1.hpp"

namespace capnweb {
namespace {

std::string hex(std::string_view text) {
  std::string out;
  for (std::byte b : sha1(text)) {
    out += "0123456789abcdef"[static_cast<unsigned>(b) >> 4];
    out += "0123456789abcdef"[static_cast<unsigned>(b) & 15];
  }
  return out;
}

TEST(Sha1, KnowsThePublishedExamples) {
  EXPECT_EQ(hex(""), "da39a3ee5e6b4b0d3255bfef95601890afd80709");
  EXPECT_EQ(hex("abc"), "a9993e364706816aba3e25717850c26c9cd0d89d");
  EXPECT_EQ(hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "84983e441c3bd26ebaae4aa1f95129e5e54670f1");
  EXPECT_EQ(hex(std::string(1'000'000, 'a')), "34aa973cd4c4daa4f61eeb2bdbad27316534016f");
}

Headers request(std::string version = "13", std::string key = "dGhlIHNhbXBsZSBub25jZQ==") {
  return {{"sec-websocket-version", std::move(version)}, {"sec-websocket-key", std::move(key)}};
}

TEST(WsUpgrade, GivesTheKeyOfTheStandardsExample) {
  const WsUpgrade upgrade = check_ws_upgrade(request(), {});
  EXPECT_EQ(upgrade.status, 101);
  EXPECT_EQ(upgrade.accept, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  EXPECT_EQ(compose_ws_response(upgrade),
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n");
}

TEST(WsUpgrade, RefusesOtherVersionsAndBadKeys) {
  EXPECT_EQ(check_ws_upgrade(request("8"), {}).status, 426);
  EXPECT_EQ(check_ws_upgrade({}, {}).status, 426);
  for (const char* key : {"", "x", "dGhlIHNhbXBsZSBub25jZQ", "dGhlIHNhbXBsZSBub25jZQ=",
                          "dGhlIHNhbXBsZSBub25jZSE=", "dGhlIHNhbXBsZSBub25jZ===", "????"})
    EXPECT_EQ(check_ws_upgrade(request("13", key), {}).status, 400) << key;
}

TEST(WsUpgrade, AnswersTheFirstOfferedSubprotocolThatItKnows) {
  const auto choose = [](std::string_view offered, const std::vector<std::string>& known) {
    Headers headers = request();
    headers.append("sec-websocket-protocol", offered);
    return check_ws_upgrade(headers, known).subprotocol;
  };
  EXPECT_EQ(choose("a, b", {"b", "a"}), "a");
  EXPECT_EQ(choose("x ,\tb", {"b", "a"}), "b");
  EXPECT_EQ(choose("x, y", {"b", "a"}), "");
  EXPECT_EQ(choose("a", {}), "");
  EXPECT_EQ(choose("A", {"a"}), "");
  EXPECT_EQ(choose(",,", {""}), "");
}

ServerUrl url(std::string_view text) { return *parse_server_url(text); }

using Progress = WsClientHandshake::Progress;

class Client {
 public:
  explicit Client(std::vector<std::string> subprotocols = {})
      : handshake(url("ws://example.org:8080/rpc?x=1"), {}, std::move(subprotocols)) {}

  // What a server that is all right answers, with lines of the test's in place of its own.
  std::string answer(std::string_view more = "") const {
    const std::string& request = handshake.request();
    const std::size_t at = request.find("Sec-WebSocket-Key: ") + 19;
    return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: WebSocket\r\nConnection: "
           "keep-alive, upgrade\r\nSec-WebSocket-Accept: " +
           ws_accept_key(request.substr(at, 24)) + "\r\n" + std::string(more) + "\r\n";
  }

  WsClientHandshake handshake;
};

TEST(WsClientHandshake, AsksForAWebSocket) {
  const std::string request =
      WsClientHandshake(url("ws://[::1]:9/a?b=c"), {{"Authorization", "Bearer x"}}, {"one", "two"})
          .request();
  EXPECT_TRUE(
      request.starts_with("GET /a?b=c HTTP/1.1\r\nHost: [::1]:9\r\nUpgrade: websocket\r\n"
                          "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                          "Sec-WebSocket-Key: "));
  EXPECT_TRUE(
      request.ends_with("==\r\nSec-WebSocket-Protocol: one, two\r\n"
                        "authorization: Bearer x\r\n\r\n"));
  EXPECT_NE(Client().handshake.request(), Client().handshake.request()) << "keys are random";
}

TEST(WsClientHandshake, LetsTheApplicationNameTheHost) {
  const std::string request =
      WsClientHandshake(url("ws://127.0.0.1/"), {{"Host", "example.org"}}, {}).request();
  EXPECT_EQ(request.find("Host: 127"), request.npos);
  EXPECT_NE(request.find("host: example.org\r\n"), request.npos);
}

TEST(WsClientHandshake, RefusesHeadersThatAreNotTheApplications) {
  for (const char* name : {"Upgrade", "Connection", "Sec-WebSocket-Key", "Content-Length"})
    EXPECT_THROW(WsClientHandshake(url("ws://a/"), {{name, "x"}}, {}), Error) << name;
  for (const char* name : {"", "a b", "a,b", "a\r\nb"})
    EXPECT_THROW(WsClientHandshake(url("ws://a/"), {}, {name}), Error) << name;
}

TEST(WsClientHandshake, OpensHoweverTheAnswerIsCut) {
  for (std::size_t piece : {std::size_t{1}, std::size_t{7}, std::size_t{1000}}) {
    Client client;
    const std::string bytes = client.answer("X-More: 1\r\n") + "first frame";
    Progress progress = Progress::kMore;
    std::size_t at = 0;
    for (; progress == Progress::kMore && at < bytes.size(); at += piece)
      progress = client.handshake.feed(std::string_view(bytes).substr(at, piece));
    ASSERT_EQ(progress, Progress::kOpen);
    const std::string rest = client.handshake.take_rest();
    EXPECT_EQ(rest + (at < bytes.size() ? bytes.substr(at) : ""), "first frame");
  }
}

TEST(WsClientHandshake, TakesAnOfferedSubprotocolOnly) {
  Client client({"a", "b"});
  EXPECT_EQ(client.handshake.feed(client.answer("Sec-WebSocket-Protocol: b\r\n")), Progress::kOpen);
  EXPECT_EQ(client.handshake.subprotocol(), "b");
  Client other({"a", "b"});
  EXPECT_EQ(other.handshake.feed(other.answer("Sec-WebSocket-Protocol: c\r\n")),
            Progress::kRefused);
  EXPECT_EQ(other.handshake.refusal(),
            "The server chose the subprotocol 'c', which was not offered.");
}

TEST(WsClientHandshake, SaysWhatAServerAnsweredInstead) {
  const auto refusal = [](std::string_view answer, bool is_all = false) {
    Client client;
    const Progress progress = client.handshake.feed(answer);
    EXPECT_EQ(progress, is_all ? Progress::kMore : Progress::kRefused);
    if (is_all) client.handshake.end_of_input();
    return client.handshake.refusal();
  };
  EXPECT_EQ(refusal("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"),
            "The server answered 404 Not Found");
  EXPECT_EQ(
      refusal("HTTP/1.1 403 Forbidden\r\nContent-Length: 25\r\n\r\norigin not allowed\nsecond"),
      "The server answered 403 Forbidden: origin not allowed");
  EXPECT_EQ(refusal("HTTP/1.1 500 Oops\r\nContent-Length: 13\r\n\r\n<html></html>"),
            "The server answered 500 Oops");
  EXPECT_EQ(refusal("HTTP/1.1 301 Moved\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n"),
            "The server answered 301 Moved (it points to /x)");
  EXPECT_EQ(refusal("HTTP/1.1 400 Bad Request\r\n\r\nto the end", true),
            "The server answered 400 Bad Request: to the end");
  EXPECT_EQ(refusal("", true), "The server closed the connection without an answer.");
  EXPECT_EQ(refusal("HTTP/1.1 101", true), "The server closed the connection without an answer.");
  EXPECT_TRUE(
      refusal("SSH-2.0-OpenSSH\r\n\r\n").starts_with("The server's answer is not HTTP/1.1"));
}

TEST(WsClientHandshake, RefusesUpgradesThatAreNone) {
  const auto refusal = [](std::string_view from, std::string_view to, std::string_view more = "") {
    Client client;
    std::string answer = client.answer(more);
    const std::size_t at = answer.find(from);
    answer.replace(at, from.size(), to);
    EXPECT_EQ(client.handshake.feed(answer), Progress::kRefused);
    return client.handshake.refusal();
  };
  EXPECT_EQ(refusal("Upgrade: WebSocket", "Upgrade: h2c"),
            "The server switched to something that is no WebSocket.");
  EXPECT_EQ(refusal("keep-alive, upgrade", "keep-alive"),
            "The server switched to something that is no WebSocket.");
  EXPECT_EQ(refusal("Sec-WebSocket-Accept: ", "Sec-WebSocket-Accept: x"),
            "The server's Sec-WebSocket-Accept is wrong; is a cache in between?");
  EXPECT_EQ(refusal("", "", "Sec-WebSocket-Extensions: permessage-deflate\r\n"),
            "The server chose a WebSocket extension that was not offered.");
}

TEST(WsClientHandshake, DoesNotReadAnEndlessAnswer) {
  Client client;
  std::string head = "HTTP/1.1 200 OK\r\n";
  while (head.size() < 100'000) head += "x-more: and more\r\n";
  EXPECT_EQ(client.handshake.feed(head), Progress::kRefused);
  Client other;
  EXPECT_EQ(other.handshake.feed("HTTP/1.1 200 OK\r\n\r\n" + std::string(100'000, 'x')),
            Progress::kRefused);
}

TEST(WsClientHandshake, DoesNotReadEndlessLinesOfChunks) {
  for (std::string_view begun : {"5;", "0\r\nx-trailer: "}) {
    Client client;
    auto progress = client.handshake.feed("HTTP/1.1 404 No\r\nTransfer-Encoding: chunked\r\n\r\n" +
                                          std::string(begun));
    for (int i = 0; i < 100 && progress == Progress::kMore; ++i)
      progress = client.handshake.feed(std::string(1000, 'x'));
    EXPECT_EQ(progress, Progress::kRefused) << begun;
  }
}

TEST(WsClientHandshake, ReadsARefusalInChunksHoweverItIsCut) {
  const std::string answer =
      "HTTP/1.1 404 No\r\nTransfer-Encoding: chunked\r\n\r\n7\r\nno room\r\n0\r\n\r\n";
  for (std::size_t at = 0; at < answer.size(); ++at) {
    Client client;
    EXPECT_EQ(client.handshake.feed(answer.substr(0, at)), Progress::kMore) << at;
    EXPECT_EQ(client.handshake.feed(answer.substr(at)), Progress::kRefused) << at;
    EXPECT_EQ(client.handshake.refusal(), "The server answered 404 No: no room") << at;
  }
}

}  // namespace
}  // namespace capnweb
