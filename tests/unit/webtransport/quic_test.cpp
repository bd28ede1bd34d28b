#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <capnweb/certificate.hpp>
#include <capnweb/loop.hpp>
#include <deque>
#include <functional>
#include <initializer_list>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "net/webtransport/quic_client.hpp"
#include "net/webtransport/quic_server.hpp"
#include "support/quiet_quic_peer.hpp"
#include "udp_relay.hpp"

namespace capnweb {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using testing::QuietQuicPeer;
using testing::UdpRelay;
using Clock = LoopCore::Clock;

// Echoes what comes on each stream, unless it begins with "stop".
class EchoPeer final : public QuietQuicPeer {
 public:
  using QuietQuicPeer::QuietQuicPeer;

  void on_stream_data(StreamId id, std::string_view bytes, bool is_end) override {
    streams_.credit(id, bytes.size());
    if (bytes.starts_with("stop")) {
      streams_.stop(id, 5);
      return streams_.finish(id);
    }
    if (!is_bidirectional_stream(id)) return;
    streams_.send(id, std::string(bytes));
    if (is_end) streams_.finish(id);
  }
  void on_stream_reset(StreamId id, std::uint64_t code) override { streams_.reset(id, code); }
};

// What a client sees.
struct Seen {
  bool is_ready = false;
  std::map<StreamId, std::string> data;
  std::map<StreamId, std::size_t> sizes;
  std::map<StreamId, bool> ends;
  std::map<StreamId, std::uint64_t> resets;
  std::map<StreamId, bool> sent;
  std::size_t closed = 0;
  std::string lost;
  bool keeps_data = true;
};

class ClientPeer final : public QuietQuicPeer {
 public:
  ClientPeer(QuicStreams& streams, std::shared_ptr<Seen> seen)
      : QuietQuicPeer(streams), seen_(std::move(seen)) {}

  void on_ready() override { seen_->is_ready = true; }
  void on_stream_data(StreamId id, std::string_view bytes, bool is_end) override {
    QuietQuicPeer::on_stream_data(id, bytes, is_end);
    if (seen_->keeps_data) seen_->data[id] += bytes;
    seen_->sizes[id] += bytes.size();
    seen_->ends[id] = is_end;
  }
  void on_stream_reset(StreamId id, std::uint64_t code) override { seen_->resets[id] = code; }
  void on_stream_sent(StreamId id) override { seen_->sent[id] = true; }
  void on_stream_closed(StreamId) override { ++seen_->closed; }
  void on_lost(std::string_view why) override { seen_->lost = why; }

 private:
  std::shared_ptr<Seen> seen_;
};

class Quic : public ::testing::Test {
 protected:
  std::shared_ptr<QuicServer> serve(QuicServer::Options options = {}) {
    auto server = std::make_shared<QuicServer>(loop.core(), options,
                                               std::make_shared<QuicCredentials>(certificate));
    server->start([](QuicLink& link,
                     const QuicPath&) { return std::make_unique<EchoPeer>(link.connection()); },
                  [] {});
    return server;
  }

  struct Client {
    std::shared_ptr<QuicClient> quic;
    std::shared_ptr<Seen> seen = std::make_shared<Seen>();
    QuicConnection& connection() const { return quic->link()->connection(); }
  };
  Client connect(std::uint16_t port, std::shared_ptr<QuicCredentials> credentials = nullptr,
                 WebTransportOptions options = {}, std::string address = "127.0.0.1") {
    Client client;
    if (!credentials) credentials = pinned(certificate.hash());
    client.quic = std::make_shared<QuicClient>(loop.core(), [] {});
    client.quic->connect({boost::asio::ip::make_address(address), port}, address, options,
                         std::move(credentials), 5s, [&](QuicLink& link) {
                           return std::make_unique<ClientPeer>(link.connection(), client.seen);
                         });
    return client;
  }

  static std::shared_ptr<QuicCredentials> pinned(const CertificateHash& hash) {
    return std::make_shared<QuicCredentials>(std::vector{hash}, "");
  }

  // Runs the loop until `condition` holds, or for too long.
  bool run_until(const std::function<bool()>& condition, std::chrono::seconds limit = 20s) {
    const auto end = Clock::now() + limit;
    boost::asio::io_context& context = *loop.core()->own_context();
    while (!condition()) {
      if (Clock::now() >= end) return false;
      context.run_one_until(end);
    }
    return true;
  }

  // Sends a text on a new stream and waits for its echo.
  std::string echo(Client& client, const std::string& text) {
    const auto id = client.connection().open_bidirectional();
    if (!id) return "no stream";
    client.connection().send(*id, text);
    client.connection().finish(*id);
    if (!run_until([&] { return client.seen->ends[*id] || !client.seen->lost.empty(); }))
      return "no echo";
    return client.seen->data[*id] + client.seen->lost;
  }

  void expect_echo_at(const QuicServer& server, std::initializer_list<const char*> addresses) {
    for (const char* address : addresses) {
      Client client = connect(server.port(), nullptr, {}, address);
      ASSERT_TRUE(run_until([&] { return client.seen->is_ready; })) << client.seen->lost;
      EXPECT_EQ(echo(client, address), address);
    }
  }

  // Ends the server, starts it anew on its port with its secret, and lets the client speak.
  void expect_to_hear_of_a_restart(Client& client, std::shared_ptr<QuicServer>& server,
                                   const QuicSecret& secret) {
    const std::uint16_t port = server->port();
    server->close();
    server = serve({.port = port, .secret = secret});
    EXPECT_EQ(echo(client, std::string(2000, 'y')),
              "The peer does not know this connection any more; it has been restarted.");
  }

  Loop loop;
  Certificate certificate = Certificate::self_signed();
};

TEST_F(Quic, EchoesAndCountsWhatHasArrived) {
  const auto server = serve();
  Client client = connect(server->port());
  ASSERT_TRUE(run_until([&] { return client.seen->is_ready; })) << client.seen->lost;
  EXPECT_EQ(echo(client, "hello"), "hello");
  EXPECT_TRUE(run_until([&] { return client.seen->closed == 1; }));
  EXPECT_TRUE(client.seen->sent[0]);
  EXPECT_EQ(server->connections(), 1U);
}

TEST_F(Quic, TakesBothAddressesOfLocalhostOnOnePort) {
  const auto server = serve({.host = "localhost"});
  EXPECT_TRUE(server->is_loopback());
  expect_echo_at(*server, {"127.0.0.1", "::1"});
}

TEST_F(Quic, TakesBothKindsOfAddressesWhereItTakesAll) {
  const auto server = serve({.host = "::"});
  EXPECT_FALSE(server->is_loopback());
  expect_echo_at(*server, {"127.0.0.2", "::1"});
}

TEST_F(Quic, AnswersFromTheAddressItWasCalledAt) {
  const auto server = serve({.host = "0.0.0.0"});
  Client client = connect(server->port(), nullptr, {}, "127.0.0.2");
  ASSERT_TRUE(run_until([&] { return client.seen->is_ready; })) << client.seen->lost;
  EXPECT_EQ(echo(client, "x"), "x");
}

TEST_F(Quic, CarriesManyMegabytesOverWindowsThatAreSmaller) {
  const auto server = serve();
  Client client = connect(server->port());
  ASSERT_TRUE(run_until([&] { return client.seen->is_ready; }));
  std::string text(20 * 1024 * 1024, 'x');
  for (std::size_t i = 0; i < text.size(); i += 997) text[i] = static_cast<char>('a' + i % 26);
  EXPECT_TRUE(echo(client, text) == text);
}

TEST_F(Quic, OpensMoreStreamsThanMayBeOpenAtOnce) {
  const auto server = serve();
  Client client = connect(server->port());
  ASSERT_TRUE(run_until([&] { return client.seen->is_ready; }));
  for (int i = 0; i < 300; ++i) ASSERT_EQ(echo(client, std::to_string(i)), std::to_string(i));
  std::size_t at_once = 0;
  while (client.connection().open_bidirectional()) ++at_once;
  EXPECT_LE(at_once, 100U);
  EXPECT_GE(at_once, 90U);  // the last ones may not have been given back yet
}

TEST_F(Quic, ResetsOneStreamAndNoOther) {
  const auto server = serve();
  Client client = connect(server->port());
  ASSERT_TRUE(run_until([&] { return client.seen->is_ready; }));
  const StreamId id = *client.connection().open_bidirectional();
  client.connection().send(id, "x");
  ASSERT_TRUE(run_until([&] { return client.seen->data[id] == "x"; }));
  client.connection().reset(id, 77);
  ASSERT_TRUE(run_until([&] { return client.seen->resets.contains(id); }));
  EXPECT_EQ(client.seen->resets[id], 77U);
  EXPECT_EQ(echo(client, "y"), "y");
}

TEST_F(Quic, OwesNothingForStreamsThatItHasStopped) {
  const auto server = serve();
  Client client = connect(server->port());
  ASSERT_TRUE(run_until([&] { return client.seen->is_ready; }));
  // More than the connection's window, altogether.
  for (std::size_t i = 1; i <= 20; ++i) {
    const auto id = client.connection().open_bidirectional();
    ASSERT_TRUE(id);
    client.connection().send(*id, "stop" + std::string(200'000, 'x'));
    ASSERT_TRUE(run_until([&] { return client.seen->closed == i; })) << i;
  }
  EXPECT_EQ(echo(client, std::string(2'000'000, 'y')).size(), 2'000'000U);
}

TEST_F(Quic, TellsThePeerWhyItCloses) {
  const auto server = serve();
  Client client = connect(server->port());
  ASSERT_TRUE(run_until([&] { return client.seen->is_ready; }));
  server->links()[0]->connection().close(H3Code::kExcessiveLoad, "too much");
  ASSERT_TRUE(run_until([&] { return !client.seen->lost.empty(); }));
  EXPECT_EQ(client.seen->lost, "The peer closed the connection with code 263: too much.");
  EXPECT_TRUE(run_until([&] { return server->connections() == 0; }));
}

TEST_F(Quic, RefusesACertificateThatIsNotPinned) {
  const auto server = serve();
  const Certificate other = Certificate::self_signed();
  Client client = connect(server->port(), pinned(other.hash()));
  ASSERT_TRUE(run_until([&] { return !client.seen->lost.empty(); }));
  EXPECT_EQ(client.seen->lost, "The server's certificate is not the expected one: its hash is " +
                                   certificate.hash().to_hex() + ".");
  EXPECT_FALSE(client.seen->is_ready);
}

TEST_F(Quic, RefusesAPinnedCertificateThatLivesTooLong) {
  certificate = Certificate::self_signed({.lifetime = std::chrono::days(15)});
  const auto server = serve();
  Client client = connect(server->port());
  ASSERT_TRUE(run_until([&] { return !client.seen->lost.empty(); }));
  EXPECT_THAT(client.seen->lost, HasSubstr("fourteen days at most"));
}

TEST_F(Quic, TrustsAnAuthoritysFileAndTheNamesInTheCertificate) {
  certificate =
      Certificate::self_signed({.names = {"127.0.0.1"}, .lifetime = std::chrono::days(90)});
  std::string folder = ::testing::TempDir() + "capnweb-XXXXXX";
  ASSERT_NE(mkdtemp(folder.data()), nullptr);
  const std::filesystem::path file = std::filesystem::path(folder) / "ca.pem";
  certificate.save(file, std::filesystem::path(folder) / "key.pem");
  const auto trusted = std::make_shared<QuicCredentials>(std::vector<CertificateHash>{}, file);
  const auto server = serve({.host = "0.0.0.0"});
  Client client = connect(server->port(), trusted);
  ASSERT_TRUE(run_until([&] { return client.seen->is_ready; })) << client.seen->lost;
  Client elsewhere = connect(server->port(), trusted, {}, "127.0.0.2");
  ASSERT_TRUE(run_until([&] { return !elsewhere.seen->lost.empty(); }));
  EXPECT_THAT(elsewhere.seen->lost, HasSubstr("not trusted for 127.0.0.2"));
  const auto system = std::make_shared<QuicCredentials>(std::vector<CertificateHash>{}, "");
  Client stranger = connect(server->port(), system);
  ASSERT_TRUE(run_until([&] { return !stranger.seen->lost.empty(); }));
  EXPECT_THAT(stranger.seen->lost, HasSubstr("not trusted for 127.0.0.1"));
  std::filesystem::remove_all(folder);
}

TEST_F(Quic, TellsASilentServerFromOneThatRefuses) {
  WebTransportOptions options;
  boost::asio::ip::udp::socket silent(loop.core()->executor(),
                                      {boost::asio::ip::make_address("127.0.0.1"), 0});
  Client client;
  client.quic = std::make_shared<QuicClient>(loop.core(), [] {});
  client.quic->connect(
      silent.local_endpoint(), "127.0.0.1", options, pinned(certificate.hash()), 200ms,
      [&](QuicLink& link) { return std::make_unique<ClientPeer>(link.connection(), client.seen); });
  ASSERT_TRUE(run_until([&] { return !client.seen->lost.empty(); }));
  EXPECT_EQ(client.seen->lost, "The handshake has taken too long.");

  const auto server = serve({.limits = {.max_connections = 1}});
  Client first = connect(server->port());
  ASSERT_TRUE(run_until([&] { return first.seen->is_ready; }));
  Client second = connect(server->port());
  ASSERT_TRUE(run_until([&] { return !second.seen->lost.empty(); }));
  EXPECT_THAT(second.seen->lost, HasSubstr("closed the connection"));
}

TEST_F(Quic, ProvesAddressesWhenManyAreHalfOpen) {
  const auto server = serve({.max_half_open = 0});
  Client client = connect(server->port());
  ASSERT_TRUE(run_until([&] { return client.seen->is_ready; })) << client.seen->lost;
  EXPECT_EQ(echo(client, "after a retry"), "after a retry");
}

TEST_F(Quic, AFloodOfFirstPacketsCostsNoMoreThanItsShare) {
  const auto server = serve({.max_half_open = 10});
  std::vector<Client> clients;
  // Each begins and is never heard of again: its socket is gone.
  for (int i = 0; i < 50; ++i) {
    clients.push_back(connect(server->port()));
    clients.back().quic->link()->flush_now();
    clients.back().quic->close();
  }
  Client last = connect(server->port());
  ASSERT_TRUE(run_until([&] { return last.seen->is_ready; })) << last.seen->lost;
  EXPECT_LE(server->connections(), 11U);
  EXPECT_EQ(echo(last, "x"), "x");
}

TEST_F(Quic, AServerThatHasRestartedSaysSo) {
  const QuicSecret secret = make_quic_secret();
  auto server = serve({.secret = secret});
  Client client = connect(server->port());
  ASSERT_TRUE(run_until([&] { return client.seen->is_ready; }));
  ASSERT_EQ(echo(client, "x"), "x");
  expect_to_hear_of_a_restart(client, server, secret);
}

TEST_F(Quic, AnswersVersionsItDoesNotSpeak) {
  const auto server = serve();
  boost::asio::ip::udp::socket socket(loop.core()->executor(),
                                      {boost::asio::ip::make_address("127.0.0.1"), 0});
  std::string packet = "\xc0\x1a\x2a\x3a\x4a";
  packet += std::string("\x08") + "destinat" + "\x04" + "srce";
  packet.resize(1200);
  socket.send_to(boost::asio::buffer(packet),
                 {boost::asio::ip::make_address("127.0.0.1"), server->port()});
  socket.non_blocking(true);
  ASSERT_TRUE(run_until([&] { return socket.available() > 0; }));
  std::string answer(1500, '\0');
  answer.resize(socket.receive(boost::asio::buffer(answer)));
  EXPECT_EQ(answer.substr(1, 4), std::string(4, '\0'));
  EXPECT_THAT(answer, HasSubstr(std::string("\x00\x00\x00\x01", 4)));
}

TEST_F(Quic, IgnoresPacketsThatAreNone) {
  const auto server = serve();
  boost::asio::ip::udp::socket socket(loop.core()->executor(),
                                      {boost::asio::ip::make_address("127.0.0.1"), 0});
  const boost::asio::ip::udp::endpoint to(boost::asio::ip::make_address("127.0.0.1"),
                                          server->port());
  for (const std::size_t size : {0U, 1U, 7U, 20U, 1200U, 60'000U})
    for (const char fill : {'\0', '\xff', '\x40', '\xc0'})
      socket.send_to(boost::asio::buffer(std::string(size, fill)), to);
  Client client = connect(server->port());
  ASSERT_TRUE(run_until([&] { return client.seen->is_ready; }));
  EXPECT_EQ(echo(client, "x"), "x");
  EXPECT_EQ(server->connections(), 1U);
}

TEST_F(Quic, GoesOnFromAnotherPort) {
  const auto server = serve();
  Client client = connect(server->port());
  ASSERT_TRUE(run_until([&] { return client.seen->is_ready; }));
  ASSERT_EQ(echo(client, "before"), "before");
  ASSERT_TRUE(run_until([&] { return client.quic->migrate(); }));
  EXPECT_EQ(echo(client, "after"), "after");
  EXPECT_EQ(server->connections(), 1U);
}

TEST_F(Quic, ChangesKeysInTheMiddle) {
  const auto server = serve();
  Client client = connect(server->port());
  ASSERT_TRUE(run_until([&] { return client.seen->is_ready; }));
  ASSERT_EQ(echo(client, "before"), "before");
  // Allowed three PTO after the handshake.
  ASSERT_TRUE(run_until([&] { return client.connection().update_keys(Clock::now()); }));
  EXPECT_EQ(echo(client, std::string(100'000, 'x')), std::string(100'000, 'x'));
}

TEST_F(Quic, IsLostWhenThePeerIsSilentAndKeptAliveOtherwise) {
  const auto server = serve();
  WebTransportOptions options;
  options.idle_timeout = 300ms;
  options.keep_alive_after = 0ms;
  Client silent = connect(server->port(), nullptr, options);
  options.keep_alive_after = 50ms;
  Client alive = connect(server->port(), nullptr, options);
  ASSERT_TRUE(run_until([&] { return alive.seen->is_ready; }));
  ASSERT_TRUE(run_until([&] { return !silent.seen->lost.empty(); }));
  EXPECT_EQ(silent.seen->lost, "The peer has been silent for 300 ms.");
  const auto then = Clock::now() + 500ms;
  run_until([&] { return Clock::now() >= then; });
  EXPECT_EQ(alive.seen->lost, "");
  EXPECT_EQ(echo(alive, "x"), "x");
}

class QuicOnABadNetwork : public Quic {
 protected:
  void open() {
    relay.emplace(loop.core(), server->port(),
                  UdpRelay::Options{.loss = 0.05, .reordering = 0.02, .delay = 10ms});
    client = connect(relay->port());
    ASSERT_TRUE(run_until([&] { return client.seen->is_ready; })) << client.seen->lost;
  }

  // Something happens between the first bytes that come back and the last.
  void expect_echo_during(const std::function<bool()>& happen) {
    const std::string text(300'000, 'x');
    const auto id = *client.connection().open_bidirectional();
    client.connection().send(id, text);
    client.connection().finish(id);
    ASSERT_TRUE(run_until([&] { return client.seen->sizes[id] > 0; })) << client.seen->lost;
    ASSERT_TRUE(run_until(happen));
    EXPECT_FALSE(client.seen->ends[id]);
    ASSERT_TRUE(run_until([&] { return client.seen->ends[id]; })) << client.seen->lost;
    EXPECT_TRUE(client.seen->data[id] == text);
    EXPECT_GT(relay->dropped(), 0U);
    EXPECT_EQ(server->connections(), 1U);
  }

  const QuicSecret secret = make_quic_secret();
  std::shared_ptr<QuicServer> server = serve({.secret = secret});
  std::optional<UdpRelay> relay;
  Client client;
};

TEST_F(QuicOnABadNetwork, RecoversWhatIsLost) {
  open();
  expect_echo_during([] { return true; });
  for (int i = 0; i < 20; ++i) ASSERT_EQ(echo(client, std::to_string(i)), std::to_string(i));
}

TEST_F(QuicOnABadNetwork, ChangesKeysInMidStream) {
  open();
  // Allowed three PTO after the handshake, and once for both sides.
  expect_echo_during([&] { return client.connection().update_keys(Clock::now()); });
}

TEST_F(QuicOnABadNetwork, ChangesTheClientsPortInMidStream) {
  open();
  expect_echo_during([&] {
    relay->rebind();
    return true;
  });
}

TEST_F(QuicOnABadNetwork, HearsOfARestart) {
  open();
  ASSERT_EQ(echo(client, "x"), "x");
  expect_to_hear_of_a_restart(client, server, secret);
}

TEST_F(Quic, SurvivesANatThatForgets) {
  const auto server = serve();
  UdpRelay relay(loop.core(), server->port(), {});
  Client client = connect(relay.port());
  ASSERT_TRUE(run_until([&] { return client.seen->is_ready; }));
  ASSERT_EQ(echo(client, "before"), "before");
  relay.rebind();
  EXPECT_EQ(echo(client, "after"), "after");
  EXPECT_EQ(server->connections(), 1U);
}

}  // namespace
}  // namespace capnweb
