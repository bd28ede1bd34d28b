#include "net/webtransport/quic_link.hpp"

#include <algorithm>
#include <utility>

namespace capnweb {

QuicLink::QuicLink(std::shared_ptr<LoopCore> loop, QuicLinkHost& host,
                   std::shared_ptr<UdpSocket> socket)
    : loop_(std::move(loop)), host_(&host), socket_(std::move(socket)) {}

QuicLink::~QuicLink() { detach(); }

void QuicLink::set_peer(std::unique_ptr<QuicPeer> peer) {
  peer_ = std::move(peer);
  connection_->set_handler(*peer_);
  flush_later();
}

void QuicLink::receive(UdpInput input) {
  const auto alive = weak_from_this().lock();
  const Clock::time_point now = Clock::now();
  while (!input.bytes.empty()) connection_->receive(input.path, input.take_first(), now);
  connection_->deliver();
}

void QuicLink::post(std::function<void(QuicPeer&)> function) {
  loop_->post([weak = weak_from_this(), function = std::move(function)] {
    const auto self = weak.lock();
    if (!self || !self->peer_ || self->connection_->is_over()) return;
    function(*self->peer_);
    self->flush_later();
  });
}

void QuicLink::flush_later() {
  if (host_) loop_->flush_later(*this);
}

void QuicLink::flush_now() {
  if (host_) connection_->flush(Clock::now());
}

void QuicLink::flush() noexcept {
  const auto alive = weak_from_this().lock();
  connection_->flush(Clock::now());
  if (!host_) return;
  if (connection_->is_over()) {
    QuicLinkHost* const host = host_;
    detach();
    host->on_over(*this);
  } else {
    set_alarm();
  }
}

void QuicLink::on_time(Clock::time_point now) noexcept {
  const auto alive = weak_from_this().lock();
  connection_->on_deadline(now);
  if (host_ && connection_->is_over()) flush_later();
  set_alarm();
}

// Deadlines mostly move to later: the timer is left alone until it rings in vain.
void QuicLink::set_alarm() {
  if (!host_) return;
  const Clock::time_point deadline = connection_->deadline();
  if (deadline == Clock::time_point::max()) return;
  if (!is_set() || deadline < Timer::deadline()) loop_->set_timer(*this, deadline);
}

void QuicLink::detach() noexcept {
  QuicLinkHost* const host = std::exchange(host_, nullptr);
  if (!host) return;
  cancel();
  Flushable::unlink();
  for (const QuicId& id : std::exchange(ids_, {})) host->remove_id(id);
  socket_.reset();
}

// ---- QuicCarrier

bool QuicLink::send(const QuicPath& path, std::span<const std::uint8_t> packets,
                    std::size_t segment) {
  // What is sent when the socket has gone is lost, as packets are.
  if (!socket_ || !socket_->is_open() || socket_->send(path, packets, segment)) return true;
  if (!std::exchange(waits_to_send_, true))
    socket_->wait_to_send([weak = weak_from_this()] {
      const auto self = weak.lock();
      if (!self) return;
      self->waits_to_send_ = false;
      self->loop_->enter([&] { self->flush_later(); });
    });
  return false;
}

std::span<std::uint8_t> QuicLink::packet_buffer() {
  const std::span<char> buffer = loop_->scratch().read_buffer();
  return {reinterpret_cast<std::uint8_t*>(buffer.data()), buffer.size()};
}

void QuicLink::add_id(const QuicId& id) {
  if (!host_) return;
  ids_.push_back(id);
  host_->add_id(id, *this);
}

void QuicLink::remove_id(const QuicId& id) {
  if (!host_) return;
  std::erase(ids_, id);
  host_->remove_id(id);
}

QuicResetToken QuicLink::reset_token(const QuicId& id) {
  return host_ ? host_->reset_token(id) : QuicResetToken{};
}

}  // namespace capnweb
