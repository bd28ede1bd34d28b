#include "net/channel_link.hpp"

#include <utility>

#include "net/channel_connection.hpp"
#include "net/loop_gate.hpp"

namespace capnweb {

using Lock = std::scoped_lock<std::mutex>;

std::shared_ptr<LoopGate> ChannelLink::wake(ChannelSide side) {
  End& woken = end(side);
  if (woken.life != Life::kOpen || std::exchange(woken.is_awake, true)) return nullptr;
  return woken.gate;
}

// Owns no more than the link: it may be thrown away by any thread.
void ChannelLink::knock(const std::shared_ptr<LoopGate>& gate, ChannelSide side) {
  if (!gate) return;
  gate->post([self = shared_from_this(), side] {
    if (ChannelConnection* connection = self->connections_[static_cast<std::size_t>(side)])
      connection->look();
  });
}

bool ChannelLink::open(ChannelSide side, std::shared_ptr<LoopGate> gate,
                       ChannelConnection& connection) {
  std::shared_ptr<LoopGate> knocked;
  {
    const Lock lock(mutex_);
    End& opened = end(side);
    if (opened.life != Life::kUnopened) return false;
    opened.life = Life::kOpen;
    opened.gate = std::move(gate);
    if (!opened.mailbox.empty() || end(other(side)).life == Life::kClosed) knocked = wake(side);
  }
  connections_[static_cast<std::size_t>(side)] = &connection;
  knock(knocked, side);
  return true;
}

bool ChannelLink::send(ChannelSide side, Parcels& parcels, bool is_used) {
  std::shared_ptr<LoopGate> knocked;
  bool is_full = false;
  {
    const Lock lock(mutex_);
    end(side).is_used = is_used;
    End& to = end(other(side));
    if (to.life == Life::kClosed) {
      parcels.clear();
      return false;
    }
    if (!parcels.empty()) {
      to.count += parcels.list.size();
      to.size += parcels.size;
      to.mailbox.append(parcels);
      knocked = wake(other(side));
    } else if (is_unused()) {
      knocked = wake(other(side));
    }
    if (to.count >= kFullCount || to.size >= kFullSize) to.is_full = true;
    is_full = to.is_full;
  }
  knock(knocked, other(side));
  return is_full;
}

void ChannelLink::take(ChannelSide side, Parcels& out) {
  const Lock lock(mutex_);
  std::swap(out, end(side).mailbox);
}

bool ChannelLink::is_unused() const noexcept {
  for (const End& each : ends_)
    if (each.life == Life::kUnopened || each.is_used || each.count > 0) return false;
  return true;
}

ChannelLink::State ChannelLink::settle(ChannelSide side, std::size_t count, std::size_t size,
                                       bool is_used, bool has_rest) {
  std::shared_ptr<LoopGate> again;
  std::shared_ptr<LoopGate> knocked;
  State state{};
  {
    const Lock lock(mutex_);
    End& self = end(side);
    End& peer = end(other(side));
    self.is_used = is_used;
    self.count -= count;
    self.size -= size;
    self.is_awake = false;
    if (has_rest || !self.mailbox.empty()) again = wake(side);
    const bool has_room = self.count <= kRoomCount && self.size <= kRoomSize;
    if (self.is_full && has_room) {
      self.is_full = false;
      knocked = wake(other(side));
    }
    state = {.is_closed = peer.life == Life::kClosed && self.count == 0,
             .has_room = !peer.is_full,
             .is_unused = is_unused()};
    if (state.is_unused && !knocked) knocked = wake(other(side));
  }
  knock(again, side);
  knock(knocked, other(side));
  return state;
}

// What it had not taken is thrown away, outside of the lock. Whether it was in the state `from`.
bool ChannelLink::finish(ChannelSide side, Life from) noexcept {
  std::shared_ptr<LoopGate> knocked;
  Parcels left;
  {
    const Lock lock(mutex_);
    End& self = end(side);
    if (self.life != from) return false;
    self.life = Life::kClosed;
    self.gate = nullptr;
    self.count = self.size = 0;
    self.is_full = false;
    left = std::exchange(self.mailbox, {});
    knocked = wake(other(side));
  }
  knock(knocked, other(side));
  return true;
}

void ChannelLink::close(ChannelSide side) noexcept {
  connections_[static_cast<std::size_t>(side)] = nullptr;
  finish(side, Life::kOpen);
}

void ChannelLink::abandon(ChannelSide side) noexcept { finish(side, Life::kUnopened); }

bool ChannelLink::is_closed(ChannelSide side) const {
  const Lock lock(mutex_);
  return ends_[static_cast<std::size_t>(side)].life == Life::kClosed;
}

}  // namespace capnweb
