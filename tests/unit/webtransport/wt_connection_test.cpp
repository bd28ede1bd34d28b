#include "net/webtransport/wt_connection.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "fake_quic.hpp"
#include "support/awaited.hpp"
#include "support/object.hpp"

namespace capnweb {
namespace {

using namespace std::literals;
using detail::SessionCore;
using testing::Awaited;
using testing::call;
using ::testing::ElementsAre;
using testing::FakeQuic;
using ::testing::HasSubstr;
using ::testing::StartsWith;
using testing::target;

using SessionRef = WtOwner::SessionRef;

std::string varint(std::uint64_t value) {
  std::string out;
  append_varint(out, value);
  return out;
}

std::string frame(std::uint64_t type, std::string_view payload) {
  return varint(type) + varint(payload.size()) + std::string(payload);
}

std::string capsule(std::uint64_t type, std::string_view payload) { return frame(type, payload); }

Value calculator() {
  return target({{"square",
                  [](Array& arguments) {
                    const double number = arguments[0].get<double>();
                    return Value(number * number);
                  }},
                 {"size", [](Array& arguments) {
                    return Value(static_cast<double>(arguments[0].get<std::string>().size()));
                  }}});
}

// One side of a connection, its owner and its sessions.
class End final : public WtOwner {
 public:
  explicit End(H3Role role, WebTransportOptions options = {}, std::size_t max_line = 3'000'000)
      : quic(role), connection(role, quic, *this, options, max_line, scratch) {}

  std::variant<SessionRef, WtRefusal> open_session(const H3Request& request) override {
    requests.push_back(request);
    if (refusal) return *refusal;
    sessions.push_back(detail::make_ref<SessionCore>(main(), SessionOptions{}));
    return sessions.back();
  }
  void on_opened() override { opened = true; }
  void on_refused(int status, std::string_view text) override {
    refused = std::to_string(status) + " " + std::string(text);
  }
  void on_session_over(SessionCore&) override { ++over; }
  void on_held_input() override { has_held_input = true; }

  void flush() {
    connection.on_flush();
    connection.on_flushed();
  }
  void pass(std::chrono::milliseconds time) {
    quic.time += time;
    connection.on_deadline();
    flush();
  }

  FakeQuic quic;
  IoScratch scratch;
  std::function<Value()> main = calculator;
  std::optional<WtRefusal> refusal;
  std::vector<H3Request> requests;
  std::vector<SessionRef> sessions;
  bool opened = false;
  std::string refused;
  int over = 0;
  bool has_held_input = false;
  WtConnection connection;
};

// A client and a server of ours.
class WtPair : public ::testing::Test {
 protected:
  void open(Headers headers = {}, Value clients_main = {}) {
    session = detail::make_ref<SessionCore>(std::move(clients_main), SessionOptions{});
    client.connection.connect(make_wt_request("example.org", "/rpc/wt?x=1", headers), session);
    client.connection.on_ready();
    server.connection.on_ready();
    run();
  }

  // Until nothing moves.
  void run(std::size_t piece = 1200) {
    for (int i = 0; i < 20; ++i) {
      client.flush();
      carry(client.quic, client.connection, server.connection, piece);
      server.flush();
      carry(server.quic, server.connection, client.connection, piece);
      for (End* end : {&client, &server})
        if (std::exchange(end->has_held_input, false)) end->connection.handle_held_input();
    }
    close_streams(client, server);
    close_streams(server, client);
    client.flush();
    server.flush();
  }

  // Streams whose both sides have ended are closed.
  static void close_streams(End& end, End& other) {
    const auto is_over = [](const FakeQuic& quic, StreamId id) {
      const auto out = quic.outs.find(id);
      return out != quic.outs.end() && (out->second.is_carried || out->second.reset_is_carried);
    };
    std::vector<StreamId> over;
    for (const auto& [id, out] : end.quic.outs)
      if (is_bidirectional_stream(id) && is_over(end.quic, id) && is_over(other.quic, id))
        over.push_back(id);
    for (const StreamId id : over) end.connection.on_stream_closed(id);
  }

  double square(double number) {
    Awaited result(call(session->remote_main(), {"square"}, {Value(number)}));
    run();
    return result.value().get<double>();
  }
  std::string end_reason() const {
    return session->end_reason() ? session->end_reason()->what() : "";
  }

  End client{H3Role::kClient};
  End server{H3Role::kServer};
  SessionRef session;
};

TEST_F(WtPair, OpensASessionAndCallsOverIt) {
  open({{"origin", "https://example.org"}});
  ASSERT_TRUE(client.opened) << client.refused;
  ASSERT_EQ(server.requests.size(), 1U);
  EXPECT_EQ(server.requests[0].path, "/rpc/wt?x=1");
  EXPECT_EQ(server.requests[0].authority, "example.org");
  EXPECT_EQ(*server.requests[0].headers.get("origin"), "https://example.org");
  EXPECT_EQ(square(5), 25);
}

TEST_F(WtPair, CarriesMessagesInPiecesOfAnySize) {
  open();
  const std::string text = "\u20ac\n" + std::string(5000, 'x');
  for (const std::size_t piece : {1U, 7U, 100'000U}) {
    Awaited result(call(session->remote_main(), {"size"}, {Value(text)}));
    run(piece);
    EXPECT_EQ(result.value().get<double>(), static_cast<double>(text.size()));
  }
}

TEST_F(WtPair, GathersTheMessagesOfATurn) {
  open();
  const Awaited one(call(session->remote_main(), {"square"}, {Value(1.0)}));
  const Awaited two(call(session->remote_main(), {"square"}, {Value(2.0)}));
  client.flush();
  EXPECT_EQ(client.quic.take(4),
            "[\"push\",[\"pipeline\",0,[\"square\"],[1]]]\n[\"pull\",1]\n"
            "[\"push\",[\"pipeline\",0,[\"square\"],[2]]]\n[\"pull\",2]\n");
}

TEST_F(WtPair, ServesManyMessagesInSeveralTurnsAndCreditsAll) {
  open();
  std::vector<std::unique_ptr<Awaited>> results;
  for (int i = 0; i < 1000; ++i)
    results.push_back(std::make_unique<Awaited>(
        call(session->remote_main(), {"square"}, {Value(static_cast<double>(i))})));
  client.flush();
  const std::size_t size = client.quic.unsent(4);
  carry(client.quic, client.connection, server.connection, 1'000'000);
  server.flush();
  EXPECT_TRUE(server.has_held_input);
  EXPECT_LT(server.quic.credited[4], size);
  run();
  for (std::size_t i = 0; i < results.size(); ++i)
    EXPECT_EQ(results[i]->value().get<double>(), static_cast<double>(i * i));
  EXPECT_GE(server.quic.credited[4], size);
}

TEST_F(WtPair, ASessionThatClosesLeavesInOrder) {
  open();
  ASSERT_EQ(square(3), 9);
  session->close();
  client.flush();
  // First the end of the messages; the close is not said before that has arrived.
  EXPECT_TRUE(client.quic.outs[4].is_finished);
  EXPECT_EQ(client.quic.unsent(0), 0U);
  client.connection.on_stream_sent(4);
  EXPECT_EQ(client.quic.take(0), "\x00\x07\x68\x43\x04\x00\x00\x00\x00"s);
  EXPECT_TRUE(client.quic.outs[0].is_finished);
}

TEST_F(WtPair, BothSidesAreOverAfterAClose) {
  open();
  session->close();
  run();
  ASSERT_NE(server.sessions[0]->end_reason(), nullptr);
  EXPECT_EQ(server.sessions[0]->end_reason()->message(), "Peer closed WebTransport: 0 ");
  EXPECT_EQ(server.over, 1);
  EXPECT_EQ(client.over, 1);
  EXPECT_EQ(server.quic.closed, H3Code::kNoError);
  EXPECT_FALSE(server.connection.has_sessions());
}

TEST_F(WtPair, AnAbortArrivesBeforeTheCloseAndIsItsReason) {
  open();
  server.sessions[0]->abort(Error("No more."));
  run();
  EXPECT_EQ(end_reason(), "No more.");
  EXPECT_EQ(server.over, 1);
  EXPECT_EQ(client.over, 1);
}

TEST_F(WtPair, AServerThatClosesSaysCodeAndReason) {
  open();
  Awaited result(call(session->remote_main(), {"square"}, {Value(5.0)}));
  client.flush();
  server.connection.close(7, "The server is shutting down.");
  run();
  EXPECT_EQ(end_reason(), "Peer closed WebTransport: 7 The server is shutting down.");
  EXPECT_EQ(result.failure(), "Peer closed WebTransport: 7 The server is shutting down.");
}

TEST_F(WtPair, ARefusalHasItsStatusAndText) {
  server.refusal = WtRefusal{403, "origin not allowed: https://example.com"};
  open();
  EXPECT_FALSE(client.opened);
  EXPECT_EQ(client.refused, "403 origin not allowed: https://example.com");
  EXPECT_FALSE(server.connection.has_sessions());
}

TEST_F(WtPair, ALostConnectionEndsItsSessions) {
  open();
  client.connection.on_lost("The server has been silent for 30 s.");
  EXPECT_EQ(end_reason(), "WebTransport connection failed. The server has been silent for 30 s.");
  EXPECT_EQ(client.over, 1);
}

TEST_F(WtPair, APeerThatDoesNotAcknowledgeIsNotWaitedForLong) {
  open();
  server.sessions[0]->abort(Error("No more."));
  server.flush();
  EXPECT_EQ(server.quic.unsent(0), 0U);
  server.pass(5s);
  EXPECT_GT(server.quic.unsent(0), 0U);  // the close capsule
  server.pass(5s);
  EXPECT_EQ(server.over, 1);
  EXPECT_EQ(server.quic.closed, H3Code::kNoError);
}

TEST_F(WtPair, APeerThatReadsNothingIsGivenUp) {
  open();
  Awaited result(call(session->remote_main(), {"square"}, {Value(5.0)}));
  client.flush();
  client.pass(29s);
  EXPECT_FALSE(result.is_done());
  client.pass(1s);
  EXPECT_EQ(result.failure(),
            "WebTransport connection failed. The peer has read nothing for 30 s.");
}

TEST_F(WtPair, MessagesOfAPeerThatReadsNothingWait) {
  open();
  const std::string text(300'000, 'x');
  server.main = [&] { return Value(); };
  // The client asks for much and takes nothing.
  server.sessions.clear();
  std::string question;
  for (int i = 0; i < 8; ++i)
    question += "[\"push\",[\"pipeline\",0,[\"nope" + text + "\"],[]]]\n[\"pull\"," +
                std::to_string(i + 1) + "]\n";
  server.connection.on_stream_data(4, question, false);
  server.flush();
  const std::size_t credited = server.quic.credited[4];
  const bool is_held = server.quic.unsent(4) >= WebTransportOptions{}.pause_reading_at;
  ASSERT_TRUE(is_held) << server.quic.unsent(4);
  server.connection.on_stream_data(4, "[\"push\",[\"pipeline\",0,[\"x\"],[]]]\n", false);
  server.flush();
  EXPECT_EQ(server.quic.credited[4], credited);
  EXPECT_FALSE(server.has_held_input);
  // It reads again.
  server.quic.take(4);
  server.flush();
  EXPECT_TRUE(server.has_held_input);
  server.connection.handle_held_input();
  EXPECT_GT(server.quic.credited[4], credited);
}

TEST_F(WtPair, APeerThatReadsTooSlowlyIsGivenUp) {
  WebTransportOptions options;
  options.max_unsent = 1000;
  End small(H3Role::kServer, options);
  End other(H3Role::kClient);
  const auto core = detail::make_ref<SessionCore>(Value(), SessionOptions{});
  other.connection.connect(make_wt_request("a", "/", {}), core);
  other.connection.on_ready();
  small.connection.on_ready();
  for (int i = 0; i < 5; ++i) {
    carry(other.quic, other.connection, small.connection);
    carry(small.quic, small.connection, other.connection);
    other.flush();
    small.flush();
  }
  ASSERT_TRUE(other.opened) << other.refused;
  const std::string name(2000, 'n');
  small.connection.on_stream_data(
      4, "[\"push\",[\"pipeline\",0,[\"" + name + "\"],[]]]\n[\"pull\",1]\n", false);
  small.flush();
  ASSERT_NE(small.sessions[0]->end_reason(), nullptr);
  EXPECT_THAT(small.sessions[0]->end_reason()->message(), HasSubstr("reads too slowly"));
}

// ---- Peers of another kind

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

// ---- A client whose server is written by hand

TEST(WtClient, WantsAServerThatSaysItHasWebTransport) {
  End client(H3Role::kClient);
  const auto core = detail::make_ref<SessionCore>(Value(), SessionOptions{});
  client.connection.connect(make_wt_request("a", "/", {}), core);
  client.connection.on_ready();
  EXPECT_EQ(client.quic.outs.count(0), 0U);  // it waits for the settings
  client.connection.on_stream_data(3, "\x00"s + frame(4, "\x33\x01"), false);
  EXPECT_THAT(client.refused, HasSubstr("not WebTransport"));
}

TEST(WtClient, TellsWhatTheServerMadeOfItsRequest) {
  const std::string settings = "\x00"s + frame(4, "\x33\x01\xab\x60\x37\x42\x01");
  const auto refusal = [&](const H3Fields& response, std::string_view body, bool is_end) {
    End client(H3Role::kClient);
    const auto core = detail::make_ref<SessionCore>(Value(), SessionOptions{});
    client.connection.connect(make_wt_request("a", "/", {}), core);
    client.connection.on_ready();
    client.connection.on_stream_data(3, settings, false);
    Qpack qpack;
    client.connection.on_stream_data(0, frame(1, qpack.encode(0, response)), false);
    if (!body.empty()) client.connection.on_stream_data(0, frame(0, body), false);
    if (is_end) client.connection.on_stream_data(0, "", true);
    return client.opened ? "opened" : client.refused;
  };
  EXPECT_EQ(refusal({{":status", "200"}}, "", false), "opened");
  EXPECT_EQ(refusal({{":status", "103"}}, "", false), "");
  EXPECT_EQ(refusal({{":status", "404"}}, "nothing here", true), "404 nothing here");
  EXPECT_EQ(refusal({{":status", "302"}}, "", true), "302 ");
  EXPECT_EQ(refusal({{":status", "404"}}, std::string(5000, 'x'), true),
            "404 " + std::string(1000, 'x'));
  EXPECT_THAT(refusal({{"x", "y"}}, "", false), HasSubstr("malformed"));
}

}  // namespace
}  // namespace capnweb
