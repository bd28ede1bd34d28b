#include "net/webtransport/quic_client.hpp"

#include <capnweb/error.hpp>
#include <utility>

namespace capnweb {
namespace {

constexpr std::size_t kReadSize = 64 * 1024;
constexpr int kMaxReads = 16;

}  // namespace

QuicClient::QuicClient(std::shared_ptr<LoopCore> loop, std::function<void()> on_over)
    : loop_(std::move(loop)), on_over_(std::move(on_over)), input_(kReadSize) {}

QuicClient::~QuicClient() { close(); }

std::shared_ptr<UdpSocket> QuicClient::open_socket(const Endpoint& remote) {
  auto socket =
      std::make_shared<UdpSocket>(loop_->executor(), Endpoint(remote.protocol(), 0), false);
  socket->connect(remote);
  sockets_.push_back(socket);
  read_later(socket);
  return socket;
}

void QuicClient::connect(const Endpoint& remote, const std::string& host,
                         const WebTransportOptions& options,
                         std::shared_ptr<const QuicCredentials> credentials,
                         std::chrono::milliseconds handshake_within,
                         const std::function<std::unique_ptr<QuicPeer>(QuicLink&)>& make_peer) {
  remote_ = remote;
  const auto socket = open_socket(remote);
  const auto link = std::make_shared<QuicLink>(loop_, static_cast<QuicLinkHost&>(*this), socket);
  link->set_connection(options, QuicPath{socket->local(), remote}, host, std::move(credentials),
                       handshake_within, LoopCore::Clock::now());
  link_ = link;
  link_->set_peer(make_peer(*link_));
}

bool QuicClient::migrate() {
  if (!link_) return false;
  const auto socket = open_socket(remote_);
  if (!link_->connection().migrate(socket->local(), LoopCore::Clock::now())) {
    sockets_.pop_back();
    socket->close();
    return false;
  }
  link_->set_socket(socket);
  return true;
}

void QuicClient::read_later(const std::shared_ptr<UdpSocket>& socket) {
  socket->wait_to_receive([weak = weak_from_this(), socket] {
    const auto self = weak.lock();
    if (self && socket->is_open()) self->loop_->enter([&] { self->read(socket); });
  });
}

void QuicClient::read(const std::shared_ptr<UdpSocket>& socket) {
  UdpInput input;
  for (int i = 0; i < kMaxReads && link_ && socket->receive(input_, input); ++i) {
    const auto link = link_;
    // Anybody may send to this port.
    if (input.path.remote == remote_) link->receive(input);
  }
  if (!socket->is_open()) return;
  read_later(socket);
  // Anybody can forge that, so it counts for nothing once the server has answered.
  if (socket->take_refusal() && link_ && !link_->connection().is_established()) {
    was_refused_ = true;
    link_->connection().give_up("Nobody listens there.");
  }
}

void QuicClient::close() noexcept {
  if (link_) std::exchange(link_, nullptr)->detach();
  for (const auto& socket : sockets_) socket->close();
}

// None that could be guessed is promised: a client's connections do not outlive it.
QuicResetToken QuicClient::reset_token(const QuicId&) {
  const QuicSecret random = make_quic_secret();
  QuicResetToken token;
  std::copy_n(random.begin(), token.size(), token.begin());
  return token;
}

void QuicClient::on_over(QuicLink&) {
  const auto alive = weak_from_this().lock();
  close();
  if (const auto on_over = std::exchange(on_over_, nullptr)) on_over();
}

}  // namespace capnweb
