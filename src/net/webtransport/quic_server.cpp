#include "net/webtransport/quic_server.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace capnweb {
namespace {

using Clock = LoopCore::Clock;

constexpr std::size_t kReadSize = 64 * 1024;
// Reads of one turn: others want to be heard, too.
constexpr int kMaxReads = 16;
// Answers to packets of no connection, a second: more would only help a flood along.
constexpr std::size_t kMaxAnswers = 1000;

}  // namespace

QuicServer::QuicServer(std::shared_ptr<LoopCore> loop, Options options,
                       std::shared_ptr<const QuicCredentials> credentials)
    : loop_(std::move(loop)),
      options_(std::move(options)),
      credentials_(std::move(credentials)),
      stateless_(options_.secret),
      admission_(options_.limits),
      input_(kReadSize) {
  bind(options_.host, options_.port, options_.reuse_port);
}

QuicServer::~QuicServer() { close(); }

// One port on every address. Where the system picks it, it may be taken on the second address: then
// all of it is tried again.
void QuicServer::bind(const std::string& host, std::uint16_t port, bool reuse_port) {
  const auto endpoints = resolve_udp(loop_->executor(), host, port);
  constexpr int kTries = 5;
  for (int i = 1;; ++i) {
    std::optional<CannotBind> failure;
    for (auto endpoint : endpoints) {
      if (!sockets_.empty()) endpoint.port(sockets_.front()->local().port());
      try {
        sockets_.push_back(std::make_shared<UdpSocket>(loop_->executor(), endpoint, reuse_port));
      } catch (const CannotBind& error) {
        failure = error;
      }
    }
    const bool is_without_ipv6 = !sockets_.empty() && sockets_.front()->local().address().is_v4() &&
                                 failure && is_missing_here(failure->code());
    if (!sockets_.empty() && (!failure || is_without_ipv6)) return;
    sockets_.clear();
    if (port != 0 || i == kTries) throw CannotBind(*failure);
  }
}

void QuicServer::start(MakePeer make_peer, std::function<void()> on_change) {
  make_peer_ = std::move(make_peer);
  on_change_ = std::move(on_change);
  for (const auto& socket : sockets_) read_later(socket);
}

void QuicServer::set_credentials(std::shared_ptr<const QuicCredentials> credentials) noexcept {
  credentials_ = std::move(credentials);
}

void QuicServer::close() noexcept {
  make_peer_ = nullptr;
  on_change_ = nullptr;
  for (const auto& [link, entry] : links_) link->detach();
  half_open_.clear();
  links_.clear();
  by_id_.clear();
  for (const auto& socket : sockets_) socket->close();
}

bool QuicServer::is_loopback() const noexcept {
  return std::all_of(sockets_.begin(), sockets_.end(),
                     [](const auto& socket) { return socket->local().address().is_loopback(); });
}

std::vector<std::shared_ptr<QuicLink>> QuicServer::links() const {
  std::vector<std::shared_ptr<QuicLink>> links;
  links.reserve(links_.size());
  for (const auto& [link, entry] : links_) links.push_back(entry.link);
  return links;
}

// ---- Input

void QuicServer::read_later(const std::shared_ptr<UdpSocket>& socket) {
  socket->wait_to_receive([weak = weak_from_this(), socket] {
    const auto self = weak.lock();
    if (self && socket->is_open()) self->read(socket);
  });
}

// Also when a turn ends with what a task of it has thrown.
class QuicServer::ReadsOn {
 public:
  ReadsOn(QuicServer& server, const std::shared_ptr<UdpSocket>& socket)
      : server_(server), socket_(socket) {}
  ~ReadsOn() {
    if (socket_->is_open()) server_.read_later(socket_);
  }
  ReadsOn(const ReadsOn&) = delete;
  ReadsOn& operator=(const ReadsOn&) = delete;

 private:
  QuicServer& server_;
  const std::shared_ptr<UdpSocket>& socket_;
};

// A turn for each sender: who fills a channel by its messages is held, and nobody else (Source).
void QuicServer::read(const std::shared_ptr<UdpSocket>& socket) {
  const ReadsOn reads_on(*this, socket);
  UdpInput input;
  for (int i = 0; i < kMaxReads && socket->is_open() && socket->receive(input_, input); ++i)
    loop_->enter([&] { receive(socket, input); });
}

// Datagrams that came together are of one sender, and mostly of one connection.
void QuicServer::receive(const std::shared_ptr<UdpSocket>& socket, UdpInput input) {
  while (!input.bytes.empty()) {
    UdpInput run{input.path, input.bytes, input.segment};
    const QuicPacketHead head = read_quic_head(input.take_first());
    if (head.kind == QuicPacketHead::Kind::kUnreadable) continue;
    const auto known = by_id_.find(head.destination);
    if (known == by_id_.end() || head.kind == QuicPacketHead::Kind::kUnknownVersion) {
      receive_stranger(socket, head, {run.path, run.take_first(), run.segment});
      continue;
    }
    while (!input.bytes.empty()) {
      UdpInput rest = input;
      if (read_quic_head(rest.take_first()).destination != head.destination) break;
      input = rest;
    }
    run.bytes = run.bytes.first(run.bytes.size() - input.bytes.size());
    known->second->shared_from_this()->receive(run);
  }
}

void QuicServer::receive_stranger(const std::shared_ptr<UdpSocket>& socket,
                                  const QuicPacketHead& head, const UdpInput& input) {
  if (head.kind == QuicPacketHead::Kind::kUnknownVersion) {
    // Only for what could be a first packet, so that it is no amplifier.
    constexpr std::size_t kFirstPacket = 1200;
    if (input.bytes.size() >= kFirstPacket && may_answer())
      answer(*socket, input.path, stateless_.version_negotiation(head));
  } else if (head.kind == QuicPacketHead::Kind::kShort) {
    if (may_answer())
      answer(*socket, input.path, stateless_.reset(head.destination, input.bytes.size()));
  } else if (const auto link = accept(socket, input.bytes, input.path)) {
    link->receive(input);
    if (!link->connection().wants_retry()) return;
    if (const auto initial = read_quic_initial(input.bytes))
      answer(*socket, input.path, stateless_.retry(*initial, input.path.remote));
  }
}

std::shared_ptr<QuicLink> QuicServer::accept(const std::shared_ptr<UdpSocket>& socket,
                                             std::span<const std::uint8_t> packet,
                                             const QuicPath& path) {
  auto initial = read_quic_initial(packet);
  if (!initial || !make_peer_) return nullptr;
  const bool is_proved = stateless_.check_token(*initial, path.remote);
  if (!is_proved && has_many_half_open()) {
    answer(*socket, path, stateless_.retry(*initial, path.remote));
    return nullptr;
  }
  // A token of another server's, or an old one, is nothing.
  if (!is_proved) initial->token.clear();
  auto slot = admission_.admit(path.remote.address());
  if (!slot) {
    if (may_answer()) answer(*socket, path, stateless_.refuse(*initial));
    return nullptr;
  }
  auto link = std::make_shared<QuicLink>(loop_, static_cast<QuicLinkHost&>(*this), socket);
  try {
    link->set_connection(options_.connection, path, *initial, credentials_, Clock::now());
  } catch (const Error&) {
    return nullptr;  // GnuTLS or memory; the client tries again
  }
  link->set_peer(make_peer_(*link, path));
  links_.try_emplace(link.get(), Entry{link, *std::move(slot)});
  half_open_.insert(link.get());
  return link;
}

void QuicServer::answer(UdpSocket& socket, const QuicPath& path, const std::string& packet) {
  if (packet.empty()) return;
  socket.send(path, {reinterpret_cast<const std::uint8_t*>(packet.data()), packet.size()},
              packet.size());
}

bool QuicServer::may_answer() {
  const Clock::time_point now = Clock::now();
  if (now - second_ >= std::chrono::seconds(1)) {
    second_ = now;
    answers_ = 0;
  }
  return answers_++ < kMaxAnswers;
}

bool QuicServer::has_many_half_open() noexcept {
  if (half_open_.size() < options_.max_half_open) return false;
  std::erase_if(half_open_, [](QuicLink* link) { return link->connection().is_established(); });
  return half_open_.size() >= options_.max_half_open;
}

// ---- QuicLinkHost

void QuicServer::add_id(const QuicId& id, QuicLink& link) { by_id_.insert_or_assign(id, &link); }

void QuicServer::remove_id(const QuicId& id) { by_id_.erase(id); }

void QuicServer::on_over(QuicLink& link) {
  half_open_.erase(&link);
  links_.erase(&link);
  if (on_change_) on_change_();
}

}  // namespace capnweb
