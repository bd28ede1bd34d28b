#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "wt_end.hpp"

namespace capnweb {
namespace {

using namespace std::literals;
using testing::capsule;
using testing::End;
using testing::frame;
using ::testing::HasSubstr;
using testing::target;
using testing::varint;

// A server, and a client that is written by hand.
class WtServer : public ::testing::Test {
 protected:
  WtServer() {
    server.connection.on_ready();
    server.quic.take(3);
  }
  void data(StreamId id, std::string_view bytes, bool is_end = false) {
    server.connection.on_stream_data(id, bytes, is_end);
    server.flush();
  }
  std::string connect(std::string path = "/rpc/wt", std::string protocol = "webtransport") {
    Qpack qpack;
    return frame(1, qpack.encode(0, {{":method", "CONNECT"},
                                     {":protocol", std::move(protocol)},
                                     {":scheme", "https"},
                                     {":authority", "localhost"},
                                     {":path", std::move(path)}}));
  }
  // The status of the response on a stream.
  std::string status(StreamId id) {
    H3FrameReader reader(H3FrameReader::Stream::kRequest);
    const std::string bytes = server.quic.take(id);
    std::string_view rest = bytes;
    const H3FrameEvent event = reader.next(rest);
    if (event.kind != H3FrameEvent::Kind::kHeaders) return "none";
    Qpack qpack;
    const auto fields = qpack.decode(id, event.payload);
    return std::get<H3Fields>(fields).at(0).second;
  }
  std::string messages(StreamId session = 0) {
    return varint(0x41) + varint(static_cast<std::uint64_t>(session));
  }

  static constexpr std::string_view kAsk =
      "[\"push\",[\"pipeline\",0,[\"square\"],[5]]]\n[\"pull\",1]\n";
  static constexpr std::string_view kAnswer = "[\"resolve\",1,25]\n";

  End server{H3Role::kServer};
};

TEST_F(WtServer, AnswersChromium) {
  const std::string settings =
      "\x01\x80\x01\x00\x00\x06\x80\x00\x40\x00\x07\x40\x64\x33\x01\x80\xff\xd2\x77\x01"
      "\xab\x60\x37\x42\x01"s +
      varint(0x1f * 55 + 0x21) + varint(123456789);
  data(2, "\x00"s + frame(4, settings));
  data(2, frame(0x1f * 9 + 0x21, "grease"));
  data(6, "\x02");
  // Its request has a GREASE capsule right behind it.
  data(0, connect() + frame(0, capsule(0x1f * 99 + 0x21, "grease")));
  EXPECT_EQ(server.quic.closed, std::nullopt) << server.quic.close_reason;
  ASSERT_EQ(status(0), "200");
  data(4, messages());
  data(4, kAsk);
  EXPECT_EQ(server.quic.take(4), kAnswer);
  data(0,
       "\x00\x0a\x68\x43\x07\x00\x00\x04\xd2"
       "bye"s,
       true);
  ASSERT_NE(server.sessions[0]->end_reason(), nullptr);
  EXPECT_EQ(server.sessions[0]->end_reason()->message(), "Peer closed WebTransport: 1234 bye");
  EXPECT_EQ(server.quic.outs[4].reset, static_cast<std::uint64_t>(H3Code::kWtSessionGone));
  EXPECT_TRUE(server.quic.outs[0].is_finished);
  server.connection.on_stream_closed(0);
  server.flush();
  EXPECT_EQ(server.quic.closed, H3Code::kNoError);
}

TEST_F(WtServer, ReadsTheSameCutAtEveryByte) {
  const std::string bytes = connect() + frame(0, capsule(0x21, "g"));
  for (const char byte : bytes) data(0, {&byte, 1});
  EXPECT_EQ(status(0), "200");
  for (const char byte : messages() + std::string(kAsk)) data(4, {&byte, 1});
  EXPECT_EQ(server.quic.take(4), kAnswer);
}

TEST_F(WtServer, TakesMessagesThatOvertookTheirSession) {
  data(4, messages());
  data(4, kAsk);
  EXPECT_EQ(server.quic.credited[4], 3U);  // the head alone
  data(0, connect());
  EXPECT_EQ(server.quic.take(4), kAnswer);
  EXPECT_EQ(server.quic.credited[4], 3U + kAsk.size());
}

TEST_F(WtServer, HoldsOnlyLittleOfWhatOvertakes) {
  for (StreamId i = 1; i <= 20; ++i) data(4 * i, messages() + "x");
  EXPECT_EQ(server.quic.stopped.size(), 20 - WtConnection::kMaxEarlyStreams);
  EXPECT_EQ(server.quic.stopped.at(80), 0x3994bd84U);
  EXPECT_EQ(server.quic.outs.at(80).reset, 0x3994bd84U);

  data(4, std::string(WtConnection::kMaxEarlyBytes, 'x'));
  EXPECT_EQ(server.quic.stopped.at(4), 0x3994bd84U);
  // Nothing is owed to the peer any more.
  EXPECT_EQ(server.quic.credited.at(4), 4 + WtConnection::kMaxEarlyBytes);
}

TEST_F(WtServer, RefusesStreamsThatItHasNoUseFor) {
  data(0, connect());
  data(4, messages());
  data(8, messages() + "more");
  data(14, varint(0x54) + varint(0) + "uni");
  EXPECT_EQ(server.quic.stopped.at(8), 0x52e4a40fa8dcU);
  EXPECT_EQ(server.quic.outs.at(8).reset, 0x52e4a40fa8dcU);
  EXPECT_EQ(server.quic.stopped.at(14), 0x52e4a40fa8dcU);
  data(4, kAsk);
  EXPECT_EQ(server.quic.take(4), kAnswer);
}

TEST_F(WtServer, KeepsSessionsOfOneConnectionApart) {
  data(0, connect("/rpc/wt?one"));
  data(4, connect("/rpc/wt?two"));
  data(8, messages(4));
  data(12, messages(0));
  data(8, kAsk);
  data(12, kAsk);
  EXPECT_EQ(server.quic.take(8), kAnswer);
  data(12, "[\"nonsense\"]\n");
  EXPECT_NE(server.sessions[0]->end_reason(), nullptr);
  EXPECT_EQ(server.sessions[1]->end_reason(), nullptr);
  EXPECT_EQ(server.quic.closed, std::nullopt);
}

TEST_F(WtServer, HasAMostOfSessions) {
  for (std::size_t i = 0; i <= WtConnection::kMaxSessions; ++i)
    data(static_cast<StreamId>(4 * i), connect());
  EXPECT_EQ(status(0), "200");
  EXPECT_EQ(status(4 * WtConnection::kMaxSessions), "429");
  EXPECT_EQ(server.sessions.size(), WtConnection::kMaxSessions);
}

TEST_F(WtServer, AnswersOtherRequestsWith404) {
  Qpack qpack;
  data(0,
       frame(
           1,
           qpack.encode(
               0, {{":method", "GET"}, {":scheme", "https"}, {":authority", "a"}, {":path", "/"}})),
       true);
  EXPECT_EQ(status(0), "404");
  EXPECT_TRUE(server.quic.outs[0].is_finished);
  data(4, connect("/", "connect-udp"));
  EXPECT_EQ(status(4), "404");
  EXPECT_EQ(server.quic.closed, std::nullopt);
}

TEST_F(WtServer, EndsAloneARequestThatIsMalformed) {
  Qpack qpack;
  data(0, frame(1, qpack.encode(0, {{":method", "GET"}})));
  EXPECT_EQ(server.quic.outs[0].reset, 0x10eU);
  data(4, connect() + frame(0, capsule(0x2843, "no")));
  EXPECT_EQ(server.quic.outs[4].reset, 0x10eU);
  EXPECT_NE(server.sessions[0]->end_reason(), nullptr);
}

TEST_F(WtServer, EndsTheConnectionWhereHttp3Says) {
  const struct {
    StreamId id;
    std::string bytes;
    bool is_end;
    H3Code code;
  } cases[] = {
      {2, "\x00"s + frame(7, "\x00"s), false, H3Code::kMissingSettings},
      {2, "\x00"s + frame(4, "\x02\x00"s), false, H3Code::kSettingsError},
      {2, "\x00"s + frame(4, ""), true, H3Code::kClosedCriticalStream},
      {2, "\x02", true, H3Code::kClosedCriticalStream},
      {2, "\x01", false, H3Code::kStreamCreationError},
      {0, frame(0, "x"), false, H3Code::kFrameUnexpected},
      {0, frame(4, ""), false, H3Code::kFrameUnexpected},
      {0, frame(1, "\xff\xff\xff"), false, H3Code::kQpackDecompressionFailed},
      {0, "\x01\x05", true, H3Code::kFrameError},
      {0, varint(0x41) + varint(1), false, H3Code::kIdError},
      {2, varint(0x54) + varint(2), false, H3Code::kIdError},
      {0, varint(1) + varint(1'000'000), false, H3Code::kExcessiveLoad},
  };
  for (const auto& [id, bytes, is_end, code] : cases) {
    End one(H3Role::kServer);
    one.connection.on_stream_data(id, bytes, is_end);
    one.flush();
    ASSERT_TRUE(one.quic.closed) << ::testing::PrintToString(bytes);
    EXPECT_EQ(*one.quic.closed, code) << ::testing::PrintToString(bytes) << one.quic.close_reason;
    EXPECT_FALSE(one.quic.close_reason.empty());
  }
  End twice(H3Role::kServer);
  twice.connection.on_stream_data(2, "\x00"s, false);
  twice.connection.on_stream_data(6, "\x00"s, false);
  EXPECT_EQ(twice.quic.closed, H3Code::kStreamCreationError);
  End datagram(H3Role::kServer);
  datagram.connection.on_datagram("\x00hello"s);
  EXPECT_EQ(datagram.quic.closed, std::nullopt);
  datagram.connection.on_datagram("");
  EXPECT_EQ(datagram.quic.closed, H3Code::kDatagramError);
}

TEST_F(WtServer, WaitsForASessionOnlySoLong) {
  server.pass(9s);
  EXPECT_EQ(server.quic.closed, std::nullopt);
  server.pass(1s);
  EXPECT_EQ(server.quic.closed, H3Code::kNoError);
}

TEST_F(WtServer, WaitsForTheMessagesStreamOnlySoLong) {
  data(0, connect());
  server.pass(9s);
  EXPECT_EQ(server.sessions[0]->end_reason(), nullptr);
  server.pass(1s);
  ASSERT_NE(server.sessions[0]->end_reason(), nullptr);
  EXPECT_THAT(server.sessions[0]->end_reason()->message(), HasSubstr("has not opened a stream"));
}

TEST_F(WtServer, TakesTheReasonThatFollowsTheEndOfTheMessages) {
  data(0, connect());
  data(4, messages() + std::string(kAsk), true);
  EXPECT_EQ(server.sessions[0]->end_reason(), nullptr);
  data(0,
       "\x00\x0a\x68\x43\x07\x00\x00\x00\x05"
       "bye"s);
  ASSERT_NE(server.sessions[0]->end_reason(), nullptr);
  EXPECT_EQ(server.sessions[0]->end_reason()->message(), "Peer closed WebTransport: 5 bye");
}

TEST_F(WtServer, WaitsForThatReasonOnlySoLong) {
  for (const bool is_reset : {false, true}) {
    End one(H3Role::kServer);
    one.connection.on_stream_data(0, connect(), false);
    one.connection.on_stream_data(4, messages(), !is_reset);
    if (is_reset) one.connection.on_stream_reset(4, 0x10f);
    one.flush();
    EXPECT_EQ(one.sessions[0]->end_reason(), nullptr);
    one.pass(1s);
    ASSERT_NE(one.sessions[0]->end_reason(), nullptr);
    EXPECT_THAT(one.sessions[0]->end_reason()->message(), HasSubstr("ended the stream"));
  }
}

TEST_F(WtServer, ASessionEndsWithItsConnectStream) {
  for (const bool is_reset : {false, true}) {
    End one(H3Role::kServer);
    one.connection.on_stream_data(0, connect(), false);
    one.connection.on_stream_data(4, messages(), false);
    if (is_reset)
      one.connection.on_stream_reset(0, 0x10c);
    else
      one.connection.on_stream_data(0, "", true);
    ASSERT_NE(one.sessions[0]->end_reason(), nullptr);
    EXPECT_EQ(one.sessions[0]->end_reason()->message(), "Peer closed WebTransport: 0 ");
  }
}

TEST_F(WtServer, RefusesALineThatIsTooLongWithoutKeepingIt) {
  End one(H3Role::kServer, {}, 300);
  one.connection.on_stream_data(0, connect(), false);
  one.connection.on_stream_data(4, messages(), false);
  one.connection.on_stream_data(4, std::string(301, 'x'), false);
  EXPECT_EQ(one.scratch.half_received, 0U);
  one.flush();
  EXPECT_THAT(one.quic.take(4), HasSubstr("Incoming message exceeds maximum size of 100 UTF-16"));
  EXPECT_EQ(one.quic.credited[4], 3U + 301U);
  one.connection.on_stream_sent(4);
  EXPECT_THAT(one.quic.take(0), HasSubstr("exceeds maximum size"));
}

TEST_F(WtServer, RefusesALineThatIsNotUtf8) {
  data(0, connect());
  data(4, messages() + "[\"\xff\"]\n");
  EXPECT_THAT(server.quic.take(4), HasSubstr("not valid UTF-8"));
}

TEST_F(WtServer, ProcessesNothingBehindTheMessageThatEndedTheSession_M45) {
  int calls = 0;
  server.main = [&calls] {
    return target({{"count", [&calls](Array&) { return Value(static_cast<double>(++calls)); }}});
  };
  data(0, connect());
  data(4, messages() + "[\"nonsense\"]\n[\"push\",[\"pipeline\",0,[\"count\"],[]]]\n");
  EXPECT_EQ(calls, 0);
}

}  // namespace
}  // namespace capnweb
