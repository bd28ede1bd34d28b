// WebSocket connections over real sockets, with a peer that is written by hand.
#include "net/websocket.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <boost/asio/local/connect_pair.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/write.hpp>
#include <capnweb/loop.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "net/ws_frame.hpp"
#include "session/session_core.hpp"
#include "support/object.hpp"

namespace capnweb {
namespace {

using detail::Ref;
using detail::SessionCore;
using Local = boost::asio::local::stream_protocol;
using testing::target;

// The other end of a server's connection: sends bytes as they are and takes frames apart.
class RawPeer {
 public:
  explicit RawPeer(Local::socket socket) : wire_(std::make_shared<Wire>(std::move(socket))) {}
  RawPeer(const RawPeer&) = delete;
  RawPeer& operator=(const RawPeer&) = delete;
  ~RawPeer() { close(); }

  static std::string text(std::string_view payload) { return frame(WsOpcode::kText, payload); }
  static std::string frame(WsOpcode opcode, std::string_view payload) {
    const WsMaskKey key{'\x11', '\x22', '\x33', '\x44'};
    std::string out;
    append_ws_frame(out, opcode, payload, &key);
    return out;
  }

  // Sends in the background, as far as the other side reads. Not again before that is done.
  void send(std::string bytes) {
    const auto held = std::make_shared<std::string>(std::move(bytes));
    boost::asio::async_write(wire_->socket, boost::asio::buffer(*held),
                             [held, wire = wire_](const auto& code, std::size_t) {
                               wire->is_broken = static_cast<bool>(code);
                               ++wire->sent;
                             });
  }
  bool has_sent(int count) const { return wire_->sent >= count; }
  void end_sending() { wire_->socket.shutdown(Local::socket::shutdown_send); }
  void close() { wire_->socket.close(); }

  // Starts to read; frames gather from now on.
  void read() { read(wire_); }
  const std::vector<std::string>& frames() const { return wire_->frames; }
  bool is_ended() const { return wire_->is_ended; }
  bool is_broken() const { return wire_->is_broken; }

 private:
  struct Wire {
    explicit Wire(Local::socket s) : socket(std::move(s)) {}
    Local::socket socket;
    WsReader reader{WebSocketRole::kClient, 1 << 30};
    std::vector<std::string> frames;
    bool is_ended = false;
    bool is_broken = false;
    int sent = 0;
    std::array<char, 64 * 1024> buffer;
  };
  static void read(const std::shared_ptr<Wire>& wire) {
    wire->socket.async_read_some(
        boost::asio::buffer(wire->buffer), [wire](const auto& code, std::size_t size) {
          std::span<char> input(wire->buffer.data(), size);
          for (;;) {
            const WsEvent event = wire->reader.next(input);
            if (event.kind == WsEvent::Kind::kNone) break;
            wire->frames.push_back((event.kind == WsEvent::Kind::kClose
                                        ? "close " + std::to_string(event.code) + " "
                                        : "") +
                                   std::string(event.payload));
          }
          wire->is_ended = static_cast<bool>(code);
          if (!code) read(wire);
        });
  }

  std::shared_ptr<Wire> wire_;
};

class WebSocketTest : public ::testing::Test {
 protected:
  // A connection that serves `main`.
  RawPeer connect(Value main, WebSocketOptions options = {}) {
    Local::socket ours(context());
    Local::socket theirs(context());
    boost::asio::local::connect_pair(ours, theirs);
    session_ = detail::make_ref<SessionCore>(std::move(main), SessionOptions{});
    loop_.core()->enter([&] {
      socket_ = WebSocket::start(loop_.core(), StreamSocket(std::move(ours)), session_,
                                 {.options = std::make_shared<const WebSocketOptions>(options),
                                  .first_input = std::move(first_input_),
                                  .on_closed = [this] { is_closed_ = true; }});
    });
    return RawPeer(std::move(theirs));
  }

  boost::asio::io_context& context() { return *loop_.core()->own_context(); }

  // Runs the loop until `done` says so; false after far longer than anything here takes.
  bool run_until(const std::function<bool()>& done) {
    const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!done()) {
      if (std::chrono::steady_clock::now() > limit) return false;
      context().run_one_for(std::chrono::milliseconds(20));
    }
    return true;
  }
  // Runs what is ready, without waiting for anything.
  void run_ready() { context().poll(); }

  std::string end_reason() const {
    return session_->end_reason() ? session_->end_reason()->what() : "";
  }

  Loop loop_;
  Ref<SessionCore> session_;
  std::shared_ptr<WebSocket> socket_;
  std::string first_input_;
  bool is_closed_ = false;
};

std::string call(std::string_view method, std::string_view arguments) {
  return R"(["push",["pipeline",0,[")" + std::string(method) + R"("],[)" + std::string(arguments) +
         "]]]";
}

std::string pull(int id) { return R"(["pull",)" + std::to_string(id) + "]"; }

Value echo(int* calls = nullptr) {
  return target({{"echo", [calls](Array& arguments) {
                    if (calls) ++*calls;
                    return std::move(arguments[0]);
                  }}});
}

TEST_F(WebSocketTest, CarriesASession) {
  RawPeer peer = connect(echo());
  peer.read();
  peer.send(RawPeer::text(call("echo", "5")) + RawPeer::text(pull(1)));
  ASSERT_TRUE(run_until([&] { return peer.frames().size() == 1; }));
  EXPECT_EQ(peer.frames()[0], R"(["resolve",1,5])");
  peer.send(RawPeer::frame(WsOpcode::kClose, "\x03\xE8"));
  ASSERT_TRUE(run_until([&] { return peer.is_ended(); }));
  EXPECT_EQ(peer.frames().back(), "close 1000 ");
  EXPECT_EQ(end_reason(), "Peer closed WebSocket: 1000 ");
  EXPECT_FALSE(is_closed_) << "not before the peer has gone";
  peer.close();
  EXPECT_TRUE(run_until([&] { return is_closed_; }));
}

TEST_F(WebSocketTest, HandlesWhatCameBehindTheHandshake) {
  first_input_ = RawPeer::text(call("echo", "5")) + RawPeer::text(pull(1)).substr(0, 3);
  RawPeer peer = connect(echo());
  peer.read();
  peer.send(RawPeer::text(pull(1)).substr(3));
  ASSERT_TRUE(run_until([&] { return peer.frames().size() == 1; }));
}

TEST_F(WebSocketTest, CarriesLargeMessagesBothWays) {
  RawPeer peer = connect(echo());
  peer.read();
  const std::string text = "\"" + std::string(5'000'000, 'x') + "\"";
  peer.send(RawPeer::text(call("echo", text)) + RawPeer::text(pull(1)) +
            RawPeer::text(call("echo", "1")) + RawPeer::text(pull(2)));
  ASSERT_TRUE(run_until([&] { return peer.frames().size() == 2; }));
  EXPECT_EQ(peer.frames()[0], "[\"resolve\",1," + text + "]");
  EXPECT_EQ(peer.frames()[1], R"(["resolve",2,1])");
}

TEST_F(WebSocketTest, ReadsNoMoreThanAFairShareInATurn) {
  int calls = 0;
  RawPeer peer = connect(echo(&calls));
  std::string bytes;
  for (int i = 0; i < 1000; ++i) bytes += RawPeer::text(call("echo", "5"));
  peer.send(std::move(bytes));
  while (calls == 0) context().run_one();
  EXPECT_EQ(calls, 256);
  EXPECT_TRUE(run_until([&] { return calls == 1000; }));
}

TEST_F(WebSocketTest, DoesNotReadAPeerThatDoesNotReadAndGoesOnWhenItDoes) {
  int calls = 0;
  RawPeer peer = connect(echo(&calls), {.pause_reading_at = 100'000, .resume_reading_at = 10'000});
  const std::string text = "\"" + std::string(10'000, 'x') + "\"";
  constexpr int kCalls = 300;
  std::string bytes;
  for (int i = 1; i <= kCalls; ++i)
    bytes += RawPeer::text(call("echo", text)) + RawPeer::text(pull(i));
  peer.send(std::move(bytes));
  ASSERT_TRUE(run_until([&] { return socket_->unsent() > 100'000; }));
  for (int i = 0; i < 100; ++i) run_ready();
  EXPECT_LT(calls, kCalls / 2);
  // One more read than the limit, at most.
  EXPECT_LT(socket_->unsent(), 100'000U + 2 * IoScratch::kReadSize);
  EXPECT_FALSE(peer.has_sent(1));

  peer.read();
  ASSERT_TRUE(run_until([&] { return peer.frames().size() == kCalls; }));
  EXPECT_TRUE(peer.has_sent(1));
  for (std::size_t i = 0; i < kCalls; ++i)
    EXPECT_TRUE(peer.frames()[i].starts_with("[\"resolve\"," + std::to_string(i + 1) + ","));
  EXPECT_EQ(socket_->unsent(), 0U);
}

TEST_F(WebSocketTest, APeerThatLetsTooMuchWaitIsToldSoAndLetGo) {
  std::vector<detail::Resolver> open(50);
  std::size_t calls = 0;
  Value main = target(
      {{"wait", [&](Array&) { return Value(detail::PromiseRef{open[calls++].promise()}); }}});
  RawPeer peer = connect(std::move(main), {.max_unsent = 1'000'000});
  std::string bytes;
  for (int i = 1; i <= 50; ++i) bytes += RawPeer::text(call("wait", "")) + RawPeer::text(pull(i));
  peer.send(std::move(bytes));
  ASSERT_TRUE(run_until([&] { return calls == 50; }));
  loop_.core()->enter([&] {
    for (auto& call : open) call.resolve(Value(std::string(100'000, 'x')));
  });
  ASSERT_TRUE(run_until([&] { return !end_reason().empty(); }));
  EXPECT_TRUE(end_reason().starts_with("WebSocket connection failed. The peer reads too slowly: "))
      << end_reason();
  // It reads at last: all that was on its way, and why there is no more.
  peer.read();
  ASSERT_TRUE(run_until([&] { return peer.is_ended(); }));
  EXPECT_TRUE(peer.frames().back().starts_with("close 1013 The peer reads too slowly: "));
  peer.close();
  ASSERT_TRUE(run_until([&] { return is_closed_; }));
}

TEST_F(WebSocketTest, APeerThatNeverReadsCannotMakeUsKeepItsAnswers) {
  RawPeer peer = connect(echo(), {.close_within = std::chrono::milliseconds(10),
                                  .stalled_after = std::chrono::milliseconds(300)});
  // One large result, and then short messages that ask for it: 20 GB in all.
  std::string bytes = RawPeer::text(call("echo", "\"" + std::string(2'000'000, 'x') + "\""));
  for (int i = 1; i <= 10'000; ++i)
    bytes += RawPeer::text(R"(["push",["pipeline",1]])") + RawPeer::text(pull(i + 1));
  peer.send(std::move(bytes));
  std::size_t most = 0;
  ASSERT_TRUE(run_until([&] {
    most = std::max(most, socket_->unsent() + session_->output_size());
    return is_closed_;
  }));
  EXPECT_LT(most, 5'000'000U);
  EXPECT_TRUE(end_reason().starts_with("WebSocket connection failed. The peer has read nothing"));
}

TEST_F(WebSocketTest, APeerThatTakesNothingIsGivenUp) {
  RawPeer peer = connect(echo(), {.close_within = std::chrono::milliseconds(10),
                                  .stalled_after = std::chrono::milliseconds(10)});
  const std::string text = "\"" + std::string(3'000'000, 'x') + "\"";
  peer.send(RawPeer::text(call("echo", text)) + RawPeer::text(pull(1)));
  ASSERT_TRUE(run_until([&] { return is_closed_; }));
  EXPECT_EQ(end_reason(), "WebSocket connection failed. The peer has read nothing for 10 ms.");
}

TEST_F(WebSocketTest, APeerThatIsSilentIsPingedAndGivenUp) {
  RawPeer peer = connect(echo(), {.ping_after = std::chrono::milliseconds(5),
                                  .pong_within = std::chrono::milliseconds(5)});
  peer.read();
  ASSERT_TRUE(run_until([&] { return is_closed_; }));
  ASSERT_TRUE(run_until([&] { return peer.is_ended(); }));
  EXPECT_EQ(peer.frames(), std::vector<std::string>{""}) << "the ping";
  EXPECT_TRUE(end_reason().starts_with("WebSocket connection failed. The peer has been silent"));
}

TEST_F(WebSocketTest, ABreachClosesInOrder) {
  RawPeer peer = connect(echo());
  peer.read();
  peer.send(RawPeer::text("[\"pull\",7]") + RawPeer::text(call("echo", "5")));
  ASSERT_TRUE(run_until([&] { return peer.frames().size() == 2; }));
  EXPECT_EQ(peer.frames()[0], R"(["abort",["error","Error","no such export ID: 7"]])");
  EXPECT_EQ(peer.frames()[1], "close 3000 no such export ID: 7");
  EXPECT_FALSE(peer.is_ended()) << "until the peer has answered";
  peer.send(RawPeer::frame(WsOpcode::kClose, "\x0B\xB8"));
  ASSERT_TRUE(run_until([&] { return peer.is_ended(); }));
  peer.close();
  EXPECT_TRUE(run_until([&] { return is_closed_; }));
}

TEST_F(WebSocketTest, APeerThatNeverAnswersACloseFrameIsLeft) {
  RawPeer peer = connect(echo(), {.close_within = std::chrono::milliseconds(5)});
  peer.read();
  loop_.core()->enter([&] { socket_->close(1012, "restarting"); });
  ASSERT_TRUE(run_until([&] { return is_closed_; }));
  ASSERT_TRUE(run_until([&] { return peer.is_ended(); }));
  EXPECT_EQ(peer.frames(), std::vector<std::string>{"close 1012 restarting"});
}

TEST_F(WebSocketTest, APeerThatVanishesEndsTheSession) {
  for (std::string_view begun : {"", "\x81", "\x81\xFE\x10\x00zzzz123"}) {
    is_closed_ = false;
    RawPeer peer = connect(echo());
    peer.send(std::string(begun));
    ASSERT_TRUE(run_until([&] { return peer.has_sent(1); }));
    peer.close();
    ASSERT_TRUE(run_until([&] { return is_closed_; }));
    EXPECT_EQ(end_reason(), "Peer closed WebSocket: 1006 ");
  }
}

TEST_F(WebSocketTest, BoundsHalfReceivedMessagesOfAllConnections) {
  std::size_t& half_received = loop_.core()->scratch().half_received;
  constexpr std::size_t kOthers = 256 * 1024 * 1024 - 10'000;
  half_received = kOthers;
  for (std::size_t part : {60'000U, 70'000U}) {  // small messages have room all the same
    RawPeer peer = connect(echo());
    peer.read();
    peer.send(RawPeer::text(std::string(1'000'000, 'x')).substr(0, part));
    if (part == 60'000) {
      ASSERT_TRUE(run_until([&] { return half_received > kOthers; }));
      EXPECT_TRUE(peer.frames().empty());
    } else {
      ASSERT_TRUE(run_until([&] { return !peer.frames().empty(); }));
      EXPECT_EQ(peer.frames()[0], "close 1013 Too many large messages are arriving at once.");
    }
    peer.close();
    ASSERT_TRUE(run_until([&] { return is_closed_; }));
    EXPECT_EQ(half_received, kOthers);
    is_closed_ = false;
  }
}

TEST_F(WebSocketTest, APeerThatVanishesWhileItDoesNotReadIsNoticed) {
  RawPeer peer = connect(echo(), {.pause_reading_at = 1000});
  const std::string text = "\"" + std::string(3'000'000, 'x') + "\"";
  peer.send(RawPeer::text(call("echo", text)) + RawPeer::text(pull(1)));
  ASSERT_TRUE(run_until([&] { return socket_->unsent() > 0; }));
  peer.close();
  ASSERT_TRUE(run_until([&] { return is_closed_; }));
  EXPECT_EQ(end_reason(), "Peer closed WebSocket: 1006 ");
}

TEST_F(WebSocketTest, WhatTheServerSaysLastIsNotLostOnAPeerThatStillSends) {
  RawPeer peer = connect(echo());
  std::string bytes = RawPeer::text("junk");
  for (int i = 0; i < 10'000; ++i) bytes += RawPeer::text(call("echo", "5"));
  peer.send(std::move(bytes));
  ASSERT_TRUE(run_until([&] { return peer.has_sent(1); }));
  peer.read();
  ASSERT_TRUE(run_until([&] { return peer.frames().size() == 2; }));
  EXPECT_TRUE(peer.frames()[0].starts_with(R"(["abort",)"));
  EXPECT_TRUE(peer.frames()[1].starts_with("close 3000 "));
}

TEST_F(WebSocketTest, AHandlerMayCloseOrTerminateItsOwnConnection) {
  for (bool terminates : {false, true}) {
    is_closed_ = false;
    RawPeer peer = connect(target({{"leave", [&](Array&) {
                                      if (terminates) {
                                        socket_->terminate();
                                      } else {
                                        socket_->close(1000, "left");
                                      }
                                      return Value();
                                    }}}));
    peer.read();
    peer.send(RawPeer::text(call("leave", "")) + RawPeer::text(call("leave", "")));
    ASSERT_TRUE(run_until([&] { return terminates ? is_closed_ : !peer.frames().empty(); }));
    if (!terminates) {
      EXPECT_EQ(peer.frames()[0], "close 1000 left");
    }
    peer.close();
    ASSERT_TRUE(run_until([&] { return is_closed_; }));
  }
}

TEST_F(WebSocketTest, MayBeUsedAfterItsEnd) {
  RawPeer peer = connect(echo());
  peer.close();
  ASSERT_TRUE(run_until([&] { return is_closed_; }));
  socket_->close(1000, "");
  socket_->terminate();
  EXPECT_EQ(socket_->unsent(), 0U);
}

TEST_F(WebSocketTest, GarbageNeverBreaksTheServer) {
  for (unsigned seed = 1; seed < 40; ++seed) {
    is_closed_ = false;
    RawPeer peer = connect(echo(), {.close_within = std::chrono::milliseconds(1)});
    peer.read();
    std::string bytes = seed % 2 ? RawPeer::text(call("echo", "5")) : "";
    unsigned state = seed * 7919;
    for (int i = 0; i < 500; ++i) {
      state = state * 1664525 + 1013904223;
      bytes += static_cast<char>(state >> 24);
    }
    peer.send(std::move(bytes));
    ASSERT_TRUE(run_until([&] { return peer.has_sent(1); }));
    peer.end_sending();
    ASSERT_TRUE(run_until([&] { return is_closed_; }));
  }
}

TEST(WebSocketTeardown, TheEndOfTheLoopEndsItsSessions) {
  bool is_disposed = false;
  Ref<SessionCore> session;
  std::shared_ptr<WebSocket> socket;
  {
    Loop loop;
    boost::asio::io_context& context = *loop.core()->own_context();
    Local::socket ours(context);
    Local::socket theirs(context);
    boost::asio::local::connect_pair(ours, theirs);
    Value main = target({}, [&] { is_disposed = true; });
    session = detail::make_ref<SessionCore>(std::move(main), SessionOptions{});
    loop.core()->enter([&] {
      socket = WebSocket::start(loop.core(), StreamSocket(std::move(ours)), session,
                                {.on_closed = [] { FAIL(); }});
    });
    context.poll();
    EXPECT_FALSE(is_disposed);
  }
  EXPECT_TRUE(is_disposed);
  EXPECT_TRUE(session->end_reason());
}

}  // namespace
}  // namespace capnweb
