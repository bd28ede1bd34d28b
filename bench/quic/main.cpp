// bench-quic: how fast one stream of a QUIC connection is, without HTTP/3 and messages: a client on
// one thread sends, a server on another credits what comes. Both have the machine to themselves, or
// share a core (taskset).
#include <CLI/CLI.hpp>
#include <atomic>
#include <capnweb/certificate.hpp>
#include <capnweb/loop.hpp>
#include <chrono>
#include <cstdio>
#include <exception>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "net/webtransport/quic_client.hpp"
#include "net/webtransport/quic_server.hpp"
#include "support/quiet_quic_peer.hpp"

namespace {

using Clock = capnweb::LoopCore::Clock;
using capnweb::StreamId;

constexpr std::size_t kPiece = 64 * 1024;
constexpr std::size_t kAhead = 1024 * 1024;  // given to the connection and not sent yet

// Takes what comes.
class Sink final : public capnweb::testing::QuietQuicPeer {
 public:
  using QuietQuicPeer::QuietQuicPeer;

  void on_stream_data(StreamId id, std::string_view bytes, bool is_end) override {
    QuietQuicPeer::on_stream_data(id, bytes, is_end);
    if (is_end) streams_.finish(id);
  }
};

// Sends so many bytes on its first stream, never far ahead of the network.
class Source final : public capnweb::testing::QuietQuicPeer {
 public:
  struct Progress {
    std::size_t left;
    bool is_done = false;
    std::string lost = {};
  };
  Source(capnweb::QuicStreams& streams, Progress& progress)
      : QuietQuicPeer(streams), progress_(progress) {}

  void on_ready() override { stream_ = streams_.open_bidirectional(); }
  void on_stream_sent(StreamId) override { progress_.is_done = true; }
  void on_lost(std::string_view why) override { progress_.lost = why; }
  void on_flush() override {
    while (stream_ && progress_.left > 0 && streams_.unsent(*stream_) < kAhead) {
      const std::size_t size = std::min(kPiece, progress_.left);
      streams_.send(*stream_, std::string(size, 'x'));
      progress_.left -= size;
      if (progress_.left == 0) streams_.finish(*stream_);
    }
  }

 private:
  Progress& progress_;
  std::optional<StreamId> stream_;
};

class Server {
 public:
  explicit Server(const capnweb::Certificate& certificate)
      : thread_([this, certificate] { serve(certificate); }) {
    port_ = told_.get_future().get();
  }
  ~Server() { is_over_ = true; }
  std::uint16_t port() const { return port_; }

 private:
  void serve(const capnweb::Certificate& certificate) {
    capnweb::Loop loop;
    const auto server = std::make_shared<capnweb::QuicServer>(
        loop.core(), capnweb::QuicServer::Options{},
        std::make_shared<capnweb::QuicCredentials>(certificate));
    server->start(
        [](capnweb::QuicLink& link, const capnweb::QuicPath&) {
          return std::make_unique<Sink>(link.connection());
        },
        [] {});
    told_.set_value(server->port());
    auto& context = *loop.core()->own_context();
    while (!is_over_) context.run_one_until(Clock::now() + std::chrono::milliseconds(20));
    server->close();
  }

  std::promise<std::uint16_t> told_;
  std::uint16_t port_ = 0;
  std::atomic<bool> is_over_ = false;
  std::jthread thread_;
};

double measure(std::size_t bytes) {
  const auto certificate = capnweb::Certificate::self_signed();
  const Server server(certificate);
  capnweb::Loop loop;
  Source::Progress progress{.left = bytes};
  const auto client = std::make_shared<capnweb::QuicClient>(loop.core(), [] {});
  const boost::asio::ip::udp::endpoint to(boost::asio::ip::address_v4::loopback(), server.port());
  client->connect(to, "127.0.0.1", {},
                  std::make_shared<capnweb::QuicCredentials>(std::vector{certificate.hash()}, ""),
                  std::chrono::seconds(5), [&](capnweb::QuicLink& link) {
                    return std::make_unique<Source>(link.connection(), progress);
                  });
  const Clock::time_point begin = Clock::now();
  while (!progress.is_done && progress.lost.empty()) loop.core()->own_context()->run_one();
  const std::chrono::duration<double> time = Clock::now() - begin;
  client->close();
  if (!progress.lost.empty()) throw capnweb::Error(progress.lost);
  return static_cast<double>(bytes) / (1024 * 1024) / time.count();
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Measures one stream of a QUIC connection, on loopback.");
  std::size_t mebibytes = 512;
  app.add_option("--mib", mebibytes, "how much is sent")->check(CLI::Range(1, 100'000));
  CLI11_PARSE(app, argc, argv);
  try {
    std::printf("%.0f MiB/s\n", measure(mebibytes * 1024 * 1024));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench-quic: %s\n", error.what());
    return 1;
  }
}
