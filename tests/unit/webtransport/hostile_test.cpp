// Clients that do what honest ones do not, against a server that has an honest client, too.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <malloc.h>

#include <capnweb/capnweb.hpp>
#include <capnweb/webtransport.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "net/webtransport/quic_client.hpp"
#include "support/quiet_quic_peer.hpp"
#include "wt_end.hpp"

namespace capnweb {
namespace {

using namespace std::chrono_literals;
using testing::capsule;
using testing::frame;
using ::testing::HasSubstr;
using testing::varint;
using Clock = LoopCore::Clock;

struct Api {
  double add(double a, double b) const { return a + b; }
  struct Rpc {
    Method<&Api::add> add;
  };
};

// Sends without end on one stream; notes what becomes of it.
class Attacker final : public testing::QuietQuicPeer {
 public:
  struct Seen {
    std::size_t sent = 0;
    std::size_t heard = 0;
    std::set<StreamId> refused = {};  // reset or not wanted
    std::set<StreamId> answered = {};
    std::string lost = {};
  };
  using Begin = std::function<std::optional<StreamId>(QuicStreams&)>;

  // `begin` opens streams and gives the one to send on, if there is such; `most` bytes.
  Attacker(QuicStreams& streams, Begin begin, std::size_t most, std::shared_ptr<Seen> seen)
      : QuietQuicPeer(streams), begin_(std::move(begin)), most_(most), seen_(std::move(seen)) {}

  void on_ready() override { endless_ = begin_(streams_); }
  void on_stream_data(StreamId id, std::string_view bytes, bool is_end) override {
    QuietQuicPeer::on_stream_data(id, bytes, is_end);
    seen_->heard += bytes.size();
    if (is_end) seen_->answered.insert(id);
  }
  void on_stream_reset(StreamId id, std::uint64_t) override { seen_->refused.insert(id); }
  void on_stream_stopped(StreamId id, std::uint64_t) override {
    seen_->refused.insert(id);
    if (endless_ == id) endless_.reset();
  }
  void on_stream_closed(StreamId id) override {
    if (endless_ == id) endless_.reset();
  }
  void on_lost(std::string_view why) override { seen_->lost = why; }
  void on_flush() override {
    while (endless_ && seen_->sent < most_ && streams_.unsent(*endless_) < 100'000) {
      streams_.send(*endless_, std::string(10'000, 'x'));
      seen_->sent += 10'000;
    }
  }

 private:
  Begin begin_;
  const std::size_t most_;
  std::shared_ptr<Seen> seen_;
  std::optional<StreamId> endless_;
};

std::string settings() {
  std::string head;
  append_h3_control_head(head);
  return head;
}

std::string connect_request() {
  Qpack qpack;
  return frame(1, qpack.encode(0, make_wt_request("localhost", "/rpc/wt", {})));
}

// Control stream, and a request for a session on stream 0.
StreamId open_session(QuicStreams& streams) {
  streams.send(*streams.open_unidirectional(), settings());
  const StreamId request = *streams.open_bidirectional();
  streams.send(request, connect_request());
  return request;
}

class HostilePeers : public ::testing::Test {
 protected:
  static constexpr std::size_t kMany = 20'000'000;

  void SetUp() override {
    ServerOptions options;
    options.session.limits.max_message_size = 10'000;
    server.emplace(loop, options, [] { return std::make_shared<Api>(); });
    listener.emplace(*server);
    const auto hash = listener->certificate().hash();
    honest =
        connect_session(loop, "https://127.0.0.1:" + std::to_string(listener->port()) + "/rpc/wt",
                        {.transport = webtransport({.certificate_hashes = {hash}})});
    EXPECT_EQ(ask(), 3);
    held_before = mallinfo2().uordblks;
  }
  // Whatever the others do. What the attacker keeps until it has arrived counts, too.
  void TearDown() override {
    EXPECT_EQ(ask(), 3);
    EXPECT_LT(most_held, held_before + 16'000'000);
  }

  double ask() {
    double sum = 0;
    detail::run_until_done(loop, [](Session& session, double& result) -> Task<> {
      auto add = session.remote_main()["add"];
      const Value value = co_await add(1, 2);
      result = value.get<double>();
    }(*honest, sum));
    return sum;
  }

  // Attacks until `is_over`.
  std::shared_ptr<Attacker::Seen> attack(
      Attacker::Begin begin, const std::function<bool(const Attacker::Seen&)>& is_over) {
    const auto seen = std::make_shared<Attacker::Seen>();
    const auto client = std::make_shared<QuicClient>(loop.core(), [] {});
    client->connect(
        {boost::asio::ip::address_v4::loopback(), listener->port()}, "127.0.0.1", {},
        std::make_shared<QuicCredentials>(std::vector{listener->certificate().hash()}, ""), 5s,
        [&](QuicLink& link) {
          return std::make_unique<Attacker>(link.connection(), begin, kMany, seen);
        });
    const auto end = Clock::now() + 30s;
    while (!is_over(*seen) && seen->lost.empty() && Clock::now() < end) {
      loop.core()->own_context()->run_one_until(end);
      most_held = std::max<std::size_t>(most_held, mallinfo2().uordblks);
    }
    EXPECT_TRUE(is_over(*seen)) << seen->sent << " sent, " << seen->heard << " heard, "
                                << seen->refused.size() << " refused, " << seen->lost;
    EXPECT_EQ(ask(), 3);
    client->close();
    return seen;
  }

  Loop loop;
  std::optional<Server> server;
  std::optional<WebTransportListener> listener;
  std::optional<Session> honest;
  std::size_t held_before = 0;
  std::size_t most_held = 0;
};

TEST_F(HostilePeers, AnEndlessLineEndsItsSession) {
  attack(
      [](QuicStreams& streams) {
        const StreamId session = open_session(streams);
        const auto messages = streams.open_bidirectional();
        std::string head;
        append_wt_stream_head(head, session);
        streams.send(*messages, head);
        return messages;
      },
      [](const auto& seen) { return !seen.refused.empty(); });
}

TEST_F(HostilePeers, AnEndlessCapsuleIsSkipped) {
  attack(
      [](QuicStreams& streams) -> std::optional<StreamId> {
        const StreamId session = open_session(streams);
        streams.send(session, varint(0) + varint(1'000'000'000'000) + varint(0x4242) +
                                  varint(900'000'000'000));
        return session;
      },
      [](const auto& seen) { return seen.sent >= kMany; });
}

TEST_F(HostilePeers, AHeaderOfManyMegabytesEndsItsConnection) {
  attack(
      [](QuicStreams& streams) -> std::optional<StreamId> {
        streams.send(*streams.open_unidirectional(), settings());
        const StreamId request = *streams.open_bidirectional();
        streams.send(request, varint(1) + varint(100'000'000));
        return request;
      },
      [](const auto& seen) { return seen.lost.find("code 263") != std::string::npos; });
}

TEST_F(HostilePeers, StreamsWithoutASessionAreRefused) {
  const auto seen = attack(
      [](QuicStreams& streams) -> std::optional<StreamId> {
        streams.send(*streams.open_unidirectional(), settings());
        static_cast<void>(streams.open_bidirectional());  // of the session that never comes
        while (const auto id = streams.open_bidirectional())
          streams.send(*id, varint(0x41) + varint(0) + std::string(50'000, 'x'));
        return std::nullopt;
      },
      [](const auto& some) { return some.refused.size() >= 80; });
  EXPECT_TRUE(seen->lost.empty()) << seen->lost;
}

TEST_F(HostilePeers, FramesAndStreamsOfNoMeaningAreSkipped) {
  const auto seen = attack(
      [](QuicStreams& streams) -> std::optional<StreamId> {
        constexpr std::uint64_t kGrease = 0x1f * 12'345 + 0x21;
        streams.send(*streams.open_unidirectional(),
                     settings() + frame(kGrease, std::string(5'000, 'g')));
        while (const auto id = streams.open_unidirectional())
          streams.send(*id, varint(kGrease) + std::string(1'000, 'g'));
        const StreamId request = *streams.open_bidirectional();
        streams.send(request, frame(kGrease, "g") + connect_request() + frame(kGrease, "g") +
                                  frame(0, capsule(kGrease, "g")) + varint(kGrease) +
                                  varint(1'000'000'000));
        return request;
      },
      [](const auto& some) { return some.sent >= kMany && some.heard > 0; });
  EXPECT_TRUE(seen->lost.empty()) << seen->lost;
}

TEST_F(HostilePeers, BytesBeforeTheSettingsEndTheConnection) {
  attack(
      [](QuicStreams& streams) {
        const auto control = streams.open_unidirectional();
        streams.send(*control, varint(0) + frame(0, "data"));
        return control;
      },
      [](const auto& seen) { return !seen.lost.empty(); });
}

TEST_F(HostilePeers, RequestsWithoutEndAreNotServedForEver) {
  const auto seen = attack(
      [](QuicStreams& streams) -> std::optional<StreamId> {
        streams.send(*streams.open_unidirectional(), settings());
        while (const auto id = streams.open_bidirectional()) streams.send(*id, connect_request());
        return std::nullopt;
      },
      [](const auto& some) { return some.answered.size() >= 60; });  // 32 sessions, others 429
  EXPECT_TRUE(seen->lost.empty()) << seen->lost;
}

}  // namespace
}  // namespace capnweb
