#include "net/channel_connection.hpp"

#include <utility>

namespace capnweb {

detail::Ref<detail::SessionCore> ChannelConnection::start(std::shared_ptr<LoopCore> loop,
                                                          std::shared_ptr<ChannelLink> link,
                                                          ChannelSide side, Value main,
                                                          SessionOptions options) {
  if (loop->has_ended()) return nullptr;
  auto session = detail::make_ref<detail::SessionCore>(std::move(main), std::move(options));
  session->use_parcels();
  auto connection =
      std::make_shared<ChannelConnection>(std::move(loop), std::move(link), side, session);
  if (!connection->link_->open(side, connection->loop_->gate(), *connection)) return nullptr;
  ChannelConnection& self = *connection;
  self.self_ = std::move(connection);
  self.loop_->add_member(self);
  session->on_output([&self] { self.loop_->flush_later(self); });
  session->on_unused([&self] { self.loop_->flush_later(self); });
  self.loop_->flush_later(self);
  return session;
}

ChannelConnection::ChannelConnection(std::shared_ptr<LoopCore> loop,
                                     std::shared_ptr<ChannelLink> link, ChannelSide side,
                                     detail::Ref<detail::SessionCore> session)
    : loop_(std::move(loop)), link_(std::move(link)), side_(side), session_(std::move(session)) {}

void ChannelConnection::look() {
  const auto alive = self_;
  if (next_ == arrived_.list.size()) {
    arrived_.clear();
    next_ = 0;
    link_->take(side_, arrived_);
  }
  std::size_t count = 0;
  std::size_t size = 0;
  while (next_ < arrived_.list.size() && count < kMessagesPerTurn) {
    Parcel parcel = std::move(arrived_.list[next_++]);
    ++count;
    size += parcel.size;
    session_->receive(std::move(parcel));
  }
  const bool has_rest = next_ < arrived_.list.size();
  // What is still to leave may be a call of which nobody here wants to know the end.
  const bool is_used = session_->is_used() || session_->has_output();
  const auto state = link_->settle(side_, count, size, is_used, has_rest);
  if (state.is_closed) {
    session_->disconnected(Error("Peer closed channel."));
  } else if (state.is_unused) {
    session_->close();
  }
  if (state.has_room) release_sources();
}

void ChannelConnection::flush() noexcept {
  const auto alive = self_;
  if (!alive) return;
  session_->take_parcels(leaving_);
  if (link_->send(side_, leaving_, session_->is_used())) loop_->hold_source(held_);
  if (session_->end_reason()) shut();
}

void ChannelConnection::on_loop_end() noexcept {
  session_->disconnected(Error("The channel has lost its other end: that event loop has ended."));
  loop_->flush_later(*this);
}

void ChannelConnection::release_sources() noexcept {
  while (!held_.empty()) static_cast<Source&>(held_.pop_front()).read_on();
}

void ChannelConnection::shut() noexcept {
  const auto alive = std::exchange(self_, nullptr);
  LoopMember::unlink();
  Flushable::unlink();
  session_->on_output(nullptr);
  session_->on_unused(nullptr);
  link_->close(side_);
  release_sources();
}

}  // namespace capnweb
