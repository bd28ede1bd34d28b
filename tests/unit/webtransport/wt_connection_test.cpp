#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "support/awaited.hpp"
#include "wt_end.hpp"

namespace capnweb {
namespace {

using namespace std::literals;
using testing::Awaited;
using testing::call;
using testing::carry;
using testing::End;
using testing::FakeQuic;
using testing::frame;
using ::testing::HasSubstr;
using testing::SessionCore;
using testing::SessionRef;

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
  const auto answer = [&](int id, std::size_t size) {
    const std::string name(size, 'n');
    small.connection.on_stream_data(4,
                                    "[\"push\",[\"pipeline\",0,[\"" + name +
                                        "\"],[]]]\n[\"pull\"," + std::to_string(id) + "]\n",
                                    false);
    small.flush();
  };
  answer(1, 100'000);
  EXPECT_EQ(small.sessions[0]->end_reason(), nullptr) << "the one that is being sent is let be";
  answer(2, 2000);
  ASSERT_NE(small.sessions[0]->end_reason(), nullptr);
  EXPECT_THAT(small.sessions[0]->end_reason()->message(), HasSubstr("reads too slowly"));
}

// As a body has it: ten seconds, and what its bytes take at 16 KiB a second.
TEST_F(WtPair, HalfAMessageIsNotKeptForAsLongAsThePeerLikes) {
  open();
  const std::string half = "[\"push\"," + std::string(32 * 1024, ' ');
  server.connection.on_stream_data(4, half, false);
  server.pass(11s);
  server.connection.on_stream_data(4, " ", false);
  EXPECT_EQ(server.sessions[0]->end_reason(), nullptr);
  server.pass(2s);
  ASSERT_NE(server.sessions[0]->end_reason(), nullptr);
  EXPECT_THAT(server.sessions[0]->end_reason()->message(), HasSubstr("took too long to arrive"));
  EXPECT_EQ(server.scratch.half_received, 0U);
}

TEST_F(WtPair, EveryMessageHasItsOwnTime) {
  open();
  for (int i = 0; i < 5; ++i) {
    server.connection.on_stream_data(4, "[\"push\",[\"pipel", false);
    server.pass(9s);
    server.connection.on_stream_data(4, "ine\",0,[\"size\"],[\"a\"]]]\n", false);
  }
  server.pass(19s);
  EXPECT_EQ(server.sessions[0]->end_reason(), nullptr);
}

TEST_F(WtPair, WhatWaitsCountsForTheSessionsOwnLimit) {
  session = detail::make_ref<SessionCore>(Value(), SessionOptions{.limits = {.max_unsent = 1000}});
  client.connection.connect(make_wt_request("example.org", "/rpc/wt", {}), session);
  client.connection.on_ready();
  server.connection.on_ready();
  run();
  const auto size = session->remote_main();
  Awaited first(call(size, {"size"}, {Value(std::string(2000, 'x'))}));
  client.flush();  // no packet takes it
  Awaited second(call(size, {"size"}, {Value("x")}));
  EXPECT_THAT(second.failure(), HasSubstr("Limits::max_unsent"));
  run();
  EXPECT_EQ(first.value().get<double>(), 2000);
  Awaited third(call(size, {"size"}, {Value("x")}));
  run();
  EXPECT_EQ(third.value().get<double>(), 1);
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
