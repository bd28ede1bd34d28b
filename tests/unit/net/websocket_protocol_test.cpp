#include "net/websocket_protocol.hpp"

#include <gtest/gtest.h>

#include <capnweb/detail/resolver.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "support/awaited.hpp"
#include "support/object.hpp"

namespace capnweb {
namespace {

using detail::Ref;
using detail::SessionCore;
using Kind = WsEvent::Kind;
using Phase = WebSocketProtocol::Phase;
using std::chrono::seconds;
using testing::Awaited;
using testing::target;

// One end of a connection, with a peer that is written and read by hand, and a clock that stands.
class End {
 public:
  struct Settings {
    WebSocketRole role = WebSocketRole::kServer;
    Value main = {};
    WebSocketOptions options = {};
    Limits limits = {};
  };

  explicit End(Settings settings)
      : role(settings.role),
        session(detail::make_ref<SessionCore>(std::move(settings.main),
                                              SessionOptions{.limits = settings.limits})),
        protocol(role, session, std::make_shared<const WebSocketOptions>(settings.options),
                 3 * settings.limits.max_message_size, scratch.masks, now),
        peer_reader_(
            role == WebSocketRole::kServer ? WebSocketRole::kClient : WebSocketRole::kServer,
            1 << 30) {}

  // Frames as the peer would send them.
  std::string frame(WsOpcode opcode, std::string_view payload) const {
    const WsMaskKey key{'\x01', '\x02', '\x03', '\x04'};
    std::string out;
    append_ws_frame(out, opcode, payload, role == WebSocketRole::kServer ? &key : nullptr);
    return out;
  }
  std::string text(std::string_view payload) const { return frame(WsOpcode::kText, payload); }

  // Feeds the peer's bytes, in as many turns as it takes.
  void receive(std::string bytes) {
    std::span<char> rest(bytes);
    do rest = protocol.receive(rest, now);
    while (!rest.empty());
  }

  // What is sent now, one line per frame: "text {...}", "ping", "close 3000 why".
  std::vector<std::string> sent() {
    protocol.compose(scratch, now);
    std::string bytes = take_block();
    std::vector<std::string> lines;
    std::span<char> input(bytes);
    for (;;) {
      const WsEvent event = peer_reader_.next(input);
      if (event.kind == Kind::kNone) return lines;
      lines.push_back(describe(event));
    }
  }

  // Composes what there is as output that the peer does not take.
  void get_stuck() {
    protocol.compose(scratch, now);
    if (!scratch.block.empty()) queue.push(std::move(scratch.block));
    scratch.block.clear();
    protocol.on_unsent(queue, false, now);
  }
  // The peer takes some of it.
  void drain(std::size_t bytes) {
    queue.consume(bytes);
    protocol.on_unsent(queue, true, now);
  }

  void pass(seconds time, bool input_waits = false) {
    now += time;
    protocol.on_deadline(now, input_waits);
  }

  std::string end_reason() const {
    return session->end_reason() ? session->end_reason()->what() : "";
  }

  WebSocketRole role;
  WebSocketProtocol::Time now{seconds(1000)};
  IoScratch scratch;
  Ref<SessionCore> session;
  WebSocketProtocol protocol;
  SendQueue queue;

 private:
  std::string take_block() {
    std::string bytes;
    std::array<std::string_view, 3> pieces;
    SendBlock& block = scratch.block;
    while (!block.empty()) {
      const std::size_t count = block.gather(pieces);
      std::size_t size = 0;
      for (std::size_t i = 0; i < count; ++i) {
        bytes += pieces[i];
        size += pieces[i].size();
      }
      block.consume(size);
    }
    block.clear();
    return bytes;
  }
  static std::string describe(const WsEvent& event) {
    const std::string payload(event.payload);
    switch (event.kind) {
      case Kind::kText:
        return "text " + payload;
      case Kind::kPing:
        return "ping " + payload;
      case Kind::kPong:
        return "pong " + payload;
      case Kind::kClose:
        return "close " + std::to_string(event.code) + " " + payload;
      default:
        return "bad frame: " + payload;
    }
  }

  WsReader peer_reader_;
};

using Lines = std::vector<std::string>;

Value calculator() {
  return target({{"add",
                  [](Array& arguments) {
                    return Value(*arguments[0].get_if<double>() + *arguments[1].get_if<double>());
                  }},
                 {"repeat", [](Array& arguments) {
                    return Value(
                        std::string(static_cast<std::size_t>(*arguments[0].get_if<double>()), 'x'));
                  }}});
}

std::string call(std::string_view method, std::string_view arguments) {
  return R"(["push",["pipeline",0,[")" + std::string(method) + R"("],[)" + std::string(arguments) +
         "]]]";
}

TEST(WebSocketProtocol, AnswersCallsOneTextFramePerMessage_T17) {
  End server({.main = calculator()});
  server.receive(server.text(call("add", "5,3")) + server.text(R"(["pull",1])") +
                 server.text(call("add", "1,1")) + server.text(R"(["pull",2])"));
  EXPECT_EQ(server.sent(), (Lines{R"(text ["resolve",1,8])", R"(text ["resolve",2,2])"}));
  EXPECT_EQ(server.sent(), Lines{});
}

TEST(WebSocketProtocol, AClientMasksWhatItSends) {
  End client({.role = WebSocketRole::kClient});
  const Awaited sum(testing::call(client.session->remote_main(), {"add"}, Array{5, 3}));
  // The peer's reader is a server's and would refuse unmasked frames.
  EXPECT_EQ(client.sent(), (Lines{"text " + call("add", "5,3"), R"(text ["pull",1])"}));
  client.receive(client.text(R"(["resolve",1,8])"));
  EXPECT_TRUE(sum.is_done());
}

TEST(WebSocketProtocol, SendsLargeMessagesAsTheyAre) {
  for (WebSocketRole role : {WebSocketRole::kServer, WebSocketRole::kClient}) {
    End end({.role = role, .main = calculator()});
    for (const char* size : {"10", "20000", "3", "70000"})
      end.receive(end.text(call("repeat", size)));
    for (const char* id : {"1", "2", "3", "4"})
      end.receive(end.text(R"(["pull",)" + std::string(id) + "]"));
    const Lines lines = end.sent();
    ASSERT_EQ(lines.size(), 4U);
    EXPECT_EQ(lines[0], R"(text ["resolve",1,"xxxxxxxxxx"])");
    EXPECT_EQ(lines[1], R"(text ["resolve",2,")" + std::string(20000, 'x') + R"("])");
    EXPECT_EQ(lines[2], R"(text ["resolve",3,"xxx"])");
    EXPECT_EQ(lines[3], R"(text ["resolve",4,")" + std::string(70000, 'x') + R"("])");
  }
}

TEST(WebSocketProtocol, HandlesAFairNumberOfMessagesInATurn) {
  End server({.main = calculator()});
  std::string bytes;
  const std::size_t more = WebSocketProtocol::kMessagesPerTurn + 10;
  for (std::size_t i = 0; i < more; ++i) bytes += server.text(call("add", "1,1"));
  std::span<char> rest(bytes);
  rest = server.protocol.receive(rest, server.now);
  EXPECT_EQ(rest.size(), 10 * server.text(call("add", "1,1")).size());
  EXPECT_TRUE(server.protocol.receive(rest, server.now).empty());
  EXPECT_EQ(server.session->stats().exports, 1 + more);
}

TEST(WebSocketProtocol, AnAbortIsSentAndThenTheConnectionClosesWith3000_T20) {
  End server({.main = calculator()});
  server.receive(server.text(call("add", "5,3")) + server.text(R"(["pull",1])") +
                 server.text(R"(["pull",9])") + server.text(R"(["pull",1])"));
  EXPECT_EQ(server.sent(), (Lines{R"(text ["resolve",1,8])",
                                  R"(text ["abort",["error","Error","no such export ID: 9"]])",
                                  "close 3000 no such export ID: 9"}));
  EXPECT_EQ(server.protocol.phase(), Phase::kClosing);
  // What comes now is not looked at (M-45); the answering close frame ends it.
  server.receive(server.text("junk"));
  EXPECT_EQ(server.sent(), Lines{});
  server.receive(server.frame(WsOpcode::kClose, "\x0B\xB8"));
  EXPECT_EQ(server.protocol.phase(), Phase::kLingering);
  server.protocol.end_of_input();
  EXPECT_EQ(server.protocol.phase(), Phase::kOver);
}

TEST(WebSocketProtocol, AnAbortOfThePeerIsAnsweredWithACloseFrameOnly_M39) {
  End server({.main = calculator()});
  server.receive(server.text(R"(["abort",["error","TypeError","enough"]])"));
  EXPECT_EQ(server.sent(), Lines{"close 3000 enough"});
  EXPECT_EQ(server.end_reason(), "TypeError: enough");
}

TEST(WebSocketProtocol, ClosingTheSessionSaysSoWithoutAnAbort_T20) {
  End client({.role = WebSocketRole::kClient});
  client.session->close();
  EXPECT_EQ(client.sent(),
            Lines{"close 3000 RPC session was shut down by disposing the main stub"});
}

TEST(WebSocketProtocol, ABinaryFrameAborts_T18) {
  End server({.main = calculator()});
  server.receive(server.frame(WsOpcode::kBinary, "[]") + server.text(call("add", "5,3")));
  const std::string text = R"("[object ArrayBuffer]" is not valid JSON)";
  EXPECT_EQ(server.sent(),
            (Lines{R"(text ["abort",["error","SyntaxError","\"[object ArrayBuffer]\" is not )"
                   R"(valid JSON"]])",
                   "close 3000 " + text}));
  EXPECT_EQ(server.end_reason(), "SyntaxError: " + text);
}

TEST(WebSocketProtocol, ThePeersCloseFrameBreaksTheSession_T21) {
  const auto close_with = [](std::string_view payload) {
    End client({.role = WebSocketRole::kClient});
    Awaited pending(testing::call(client.session->remote_main(), {"add"}, Array{5, 3}));
    static_cast<void>(client.sent());
    client.receive(client.frame(WsOpcode::kClose, payload));
    EXPECT_EQ(client.protocol.phase(), Phase::kLingering);
    const Lines answer = client.sent();
    EXPECT_EQ(answer.size(), 1U);
    EXPECT_EQ(pending.failure(), client.end_reason());
    return answer.at(0) + "; " + client.end_reason();
  };
  EXPECT_EQ(close_with("\x03\xE8"), "close 1000 ; Peer closed WebSocket: 1000 ");
  EXPECT_EQ(close_with("\x0B\xB8"
                       "bye"),
            "close 3000 ; Peer closed WebSocket: 3000 bye");
  EXPECT_EQ(close_with(""), "close 1005 ; Peer closed WebSocket: 1005 ");
}

TEST(WebSocketProtocol, AnEndWithoutACloseFrameIs1006_T21) {
  End server({});
  server.protocol.end_of_input();
  EXPECT_EQ(server.end_reason(), "Peer closed WebSocket: 1006 ");
  EXPECT_EQ(server.protocol.phase(), Phase::kOver);
}

TEST(WebSocketProtocol, ABrokenFrameClosesWith1002) {
  End server({.main = calculator()});
  server.receive("\x81\x01x");
  EXPECT_EQ(server.sent(), Lines{"close 1002 frames of clients must be masked"});
  EXPECT_EQ(server.end_reason(),
            "WebSocket connection failed. The peer broke the protocol: frames of clients must be "
            "masked.");
  EXPECT_EQ(server.protocol.phase(), Phase::kLingering);
}

TEST(WebSocketProtocol, TextThatIsNotUtf8ClosesWith1007) {
  End server({.main = calculator()});
  server.receive(server.text("[\"\xFF\"]"));
  EXPECT_EQ(server.sent(), Lines{"close 1007 the text is not UTF-8"});
}

TEST(WebSocketProtocol, TooManyBytesAbortAndCloseWith1009) {
  End server({.main = calculator(), .limits = {.max_message_size = 100}});
  std::string begun = server.text(std::string(301, ' '));
  begun.resize(20);
  server.receive(begun);
  const std::string text = "Incoming message exceeds maximum size of 100 UTF-16 code units.";
  EXPECT_EQ(server.sent(), (Lines{R"(text ["abort",["error","TypeError",")" + text + R"("]])",
                                  "close 1009 " + text}));
}

TEST(WebSocketProtocol, TooManyUnitsInAllowedBytesAbortAsInTheReference_L1) {
  End server({.main = calculator(), .limits = {.max_message_size = 100}});
  server.receive(server.text(std::string(101, ' ')));
  const std::string text = "Incoming message exceeds maximum size of 100 UTF-16 code units.";
  EXPECT_EQ(server.sent(), (Lines{R"(text ["abort",["error","TypeError",")" + text + R"("]])",
                                  "close 3000 " + text}));
}

TEST(WebSocketProtocol, CloseSendsWhatIsReadyAndItsOwnCode) {
  End server({.main = calculator()});
  server.receive(server.text(call("add", "5,3")) + server.text(R"(["pull",1])"));
  server.protocol.close(kWsServiceRestart, "restarting", server.now);
  EXPECT_EQ(server.sent(), (Lines{R"(text ["resolve",1,8])", "close 1012 restarting"}));
  EXPECT_EQ(server.end_reason(), "restarting");
  // A second one, or the end of the session, changes nothing any more.
  server.protocol.close(1000, "again", server.now);
  EXPECT_EQ(server.sent(), Lines{});
}

TEST(WebSocketProtocol, APeerThatDoesNotAnswerTheCloseFrameIsLeft) {
  End server({});
  server.session->close();
  static_cast<void>(server.sent());
  EXPECT_EQ(server.protocol.deadline(), server.now + seconds(5));
  server.pass(seconds(4));
  EXPECT_EQ(server.protocol.phase(), Phase::kClosing);
  server.pass(seconds(1));
  EXPECT_EQ(server.protocol.phase(), Phase::kOver);
}

TEST(WebSocketProtocol, AnswersPingsInOrder) {
  End server({});
  server.receive(server.frame(WsOpcode::kPing, "a") + server.frame(WsOpcode::kPing, "b") +
                 server.frame(WsOpcode::kPong, "unasked"));
  EXPECT_EQ(server.sent(), (Lines{"pong a", "pong b"}));
}

TEST(WebSocketProtocol, PingsASilentPeerAndGivesItUpWhenItStaysSilent) {
  End server({});
  EXPECT_EQ(server.protocol.deadline(), server.now + seconds(20));
  server.pass(seconds(19));
  EXPECT_EQ(server.sent(), Lines{});
  server.pass(seconds(1));
  EXPECT_EQ(server.sent(), Lines{"ping "});
  server.pass(seconds(19));
  EXPECT_EQ(server.protocol.phase(), Phase::kOpen);
  server.pass(seconds(1));
  EXPECT_EQ(server.protocol.phase(), Phase::kOver);
  EXPECT_EQ(server.end_reason(),
            "WebSocket connection failed. The peer has been silent for 40 s and did not answer a "
            "ping.");
}

TEST(WebSocketProtocol, AnythingThePeerSendsShowsThatItLives) {
  End server({});
  server.pass(seconds(20));
  EXPECT_EQ(server.sent(), Lines{"ping "});
  server.now += seconds(19);
  server.receive(server.frame(WsOpcode::kPong, ""));
  EXPECT_EQ(server.protocol.deadline(), server.now + seconds(20));
  // A part of a frame as well.
  server.now += seconds(19);
  server.receive("\x81");
  EXPECT_EQ(server.protocol.deadline(), server.now + seconds(20));
}

TEST(WebSocketProtocol, APeerIsNotSilentWhenItIsUsWhoDidNotRead) {
  End server({});
  server.pass(seconds(20));
  server.pass(seconds(20), true);
  EXPECT_EQ(server.protocol.phase(), Phase::kOpen);
}

TEST(WebSocketProtocol, PingsCanBeSwitchedOff) {
  End server({.options = {.ping_after = std::chrono::milliseconds(0)}});
  EXPECT_EQ(server.protocol.deadline(), WebSocketProtocol::Time::max());
}

constexpr std::size_t kKiB = 1024;

// As a body has it: ten seconds, and what its bytes take at 16 KiB a second.
TEST(WebSocketProtocol, HalfAMessageIsNotKeptForAsLongAsThePeerLikes) {
  End server({});
  const std::string message = server.text("[\"push\"," + std::string(100 * kKiB, ' '));
  server.receive(message.substr(0, 32 * kKiB));
  server.pass(seconds(11));
  server.receive(" ");  // silent it is not
  EXPECT_EQ(server.end_reason(), "");
  server.pass(seconds(1), true);
  EXPECT_EQ(server.end_reason(), "") << "it was not read";
  server.pass(seconds(1));
  EXPECT_EQ(server.end_reason(),
            "WebSocket connection failed. A message of the peer took too long to arrive.");
  EXPECT_EQ(server.protocol.buffered(), 0U);
}

TEST(WebSocketProtocol, EveryMessageHasItsOwnTime) {
  End server({.main = calculator()});
  const std::string message = server.text(call("add", "1,2"));
  for (int i = 0; i < 5; ++i) {
    server.receive(message.substr(0, 10));
    server.pass(seconds(9));
    server.receive(message.substr(10));
  }
  server.pass(seconds(19));
  EXPECT_EQ(server.end_reason(), "");
  End client({.role = WebSocketRole::kClient});
  client.receive(client.text(std::string(100, ' ')).substr(0, 50));
  client.pass(seconds(19));
  EXPECT_EQ(client.end_reason(), "") << "a server has no limit";
}

End::Settings small_buffers(WebSocketRole role = WebSocketRole::kServer) {
  return {
      .role = role,
      .main = calculator(),
      .options = {
          .pause_reading_at = 10 * kKiB, .resume_reading_at = 2 * kKiB, .max_unsent = 50 * kKiB}};
}

// Answers of `size` bytes that the peer does not take.
void answer(End& end, int id, std::string_view size) {
  end.receive(end.text(call("repeat", size)) + end.text(R"(["pull",)" + std::to_string(id) + "]"));
  end.get_stuck();
}

TEST(WebSocketProtocol, AServerDoesNotReadAPeerThatDoesNotRead) {
  End server(small_buffers());
  answer(server, 1, "9000");
  EXPECT_TRUE(server.protocol.wants_input());
  answer(server, 2, "2000");
  EXPECT_FALSE(server.protocol.wants_input());
  server.drain(server.queue.size() - 3000);
  EXPECT_FALSE(server.protocol.wants_input());
  server.drain(1000);
  EXPECT_TRUE(server.protocol.wants_input());
  // It could not be heard meanwhile.
  EXPECT_GE(server.protocol.deadline(), server.now + seconds(20));
}

TEST(WebSocketProtocol, StopsReadingWhenThereIsMuchToSay) {
  End server(small_buffers());
  std::string bytes;
  for (int id = 1; id <= 10; ++id)
    bytes +=
        server.text(call("repeat", "9000")) + server.text(R"(["pull",)" + std::to_string(id) + "]");
  std::span<char> rest(bytes);
  rest = server.protocol.receive(rest, server.now);
  EXPECT_EQ(server.session->output_size(), std::size_t(2 * 9016)) << "not all ten";
  EXPECT_EQ(server.sent().size(), 2U);
  while (!rest.empty()) {
    rest = server.protocol.receive(rest, server.now);
    EXPECT_EQ(server.sent().size(), 2U);
  }
}

TEST(WebSocketProtocol, AClientReadsAlways) {
  End client(small_buffers(WebSocketRole::kClient));
  for (int id = 1; id < 20; ++id) answer(client, id, "9000");
  EXPECT_TRUE(client.protocol.wants_input());
  EXPECT_EQ(client.protocol.phase(), Phase::kOpen);
}

TEST(WebSocketProtocol, APeerThatLetsTooMuchWaitIsGivenUpWith1013) {
  End server(small_buffers());
  for (int id = 1; id <= 5; ++id) answer(server, id, "9000");
  EXPECT_EQ(server.protocol.phase(), Phase::kOpen);
  answer(server, 6, "9000");
  EXPECT_EQ(server.protocol.phase(), Phase::kLingering);
  EXPECT_EQ(server.sent(), Lines{"close 1013 The peer reads too slowly: 54120 bytes wait for it."});
}

TEST(WebSocketProtocol, TheOneMessageThatIsBeingSentDoesNotCount) {
  End server(small_buffers());
  answer(server, 1, "200000");
  EXPECT_EQ(server.protocol.phase(), Phase::kOpen);
  answer(server, 2, "100");
  EXPECT_EQ(server.protocol.phase(), Phase::kOpen);
  for (int id = 3; id <= 9; ++id) answer(server, id, "9000");
  EXPECT_EQ(server.protocol.phase(), Phase::kLingering);
}

TEST(WebSocketProtocol, APeerThatTakesNothingFor30SecondsIsGivenUp) {
  for (WebSocketRole role : {WebSocketRole::kServer, WebSocketRole::kClient}) {
    End end(small_buffers(role));
    answer(end, 1, "20000");
    for (int i = 0; i < 4; ++i) {
      end.pass(seconds(15), true);
      end.drain(1);
    }
    EXPECT_EQ(end.protocol.phase(), Phase::kOpen);
    end.pass(seconds(15), true);
    end.pass(seconds(15), true);
    EXPECT_EQ(end.protocol.phase(), Phase::kLingering);
    EXPECT_EQ(end.end_reason(), "WebSocket connection failed. The peer has read nothing for 30 s.");
    EXPECT_EQ(end.sent().back(), "close 1013 The peer has read nothing for 30 s.");
  }
}

TEST(WebSocketProtocol, PingsThatAreNotReadAreNotAnsweredForEver) {
  End client(small_buffers(WebSocketRole::kClient));
  answer(client, 1, "20000");
  for (int i = 0; i < 1000; ++i) client.receive(client.frame(WsOpcode::kPing, "hello"));
  EXPECT_EQ(client.sent(), Lines{});
}

TEST(WebSocketProtocol, AfterItsEndNothingHappens) {
  End server({.main = calculator()});
  server.protocol.fail(Error("gone"));
  EXPECT_EQ(server.end_reason(), "gone");
  server.receive(server.text(call("add", "5,3")));
  server.pass(seconds(100));
  EXPECT_EQ(server.sent(), Lines{});
  EXPECT_EQ(server.protocol.deadline(), WebSocketProtocol::Time::max());
  EXPECT_EQ(server.protocol.phase(), Phase::kOver);
}

}  // namespace
}  // namespace capnweb
