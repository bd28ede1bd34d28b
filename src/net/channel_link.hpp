// channel_link.hpp: the two mailboxes of a channel, the one thing in it that two threads touch.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <utility>

#include "wire/parcel.hpp"

namespace capnweb {

class ChannelConnection;
class LoopGate;

enum class ChannelSide : std::uint8_t { kFirst, kSecond };
constexpr ChannelSide other(ChannelSide side) noexcept {
  return side == ChannelSide::kFirst ? ChannelSide::kSecond : ChannelSide::kFirst;
}

// Carries parcels from each side to the other, and wakes the loop of the one that has something to
// do: at most once until it has looked. Nobody is ever made to wait or refused (a reply that is
// stuck behind a full mailbox might be what would empty it): who sends more than the other side
// handles is told, and stops reading what makes it send.
//
// Every function on the thread of its side, except abandon().
class ChannelLink : public std::enable_shared_from_this<ChannelLink> {
 public:
  // Undelivered, from where on a mailbox is full, and from where on it has room again.
  static constexpr std::size_t kFullCount = 4096;
  static constexpr std::size_t kFullSize = 1024 * 1024;
  static constexpr std::size_t kRoomCount = kFullCount / 4;
  static constexpr std::size_t kRoomSize = kFullSize / 4;

  // The side lives from now on: `connection` is woken by its loop. False if it has been opened or
  // abandoned before.
  bool open(ChannelSide side, std::shared_ptr<LoopGate> gate, ChannelConnection& connection);

  // The side will not be opened. No effect if it has been. Any thread.
  void abandon(ChannelSide side) noexcept;

  // Hands a turn's messages over, which leaves `parcels` empty. `is_used`: the side holds
  // capabilities of the other one. Whether the other's mailbox is full.
  bool send(ChannelSide side, Parcels& parcels, bool is_used);

  // Moves all that has come into `out`. REQUIRES: that is empty.
  void take(ChannelSide side, Parcels& out);

  // What a side finds after it has looked.
  struct State {
    bool is_closed;  // by the other side, and nothing is left of what it said
    bool has_room;   // at the other side
    bool is_unused;  // neither side holds anything of the other, nor is anything on its way
  };
  // So many parcels of that size in all have been handled. With `has_rest` the side is woken once
  // more.
  State settle(ChannelSide side, std::size_t count, std::size_t size, bool is_used, bool has_rest);

  // The side says nothing more and takes nothing more. It is not woken again.
  void close(ChannelSide side) noexcept;

  bool is_closed(ChannelSide side) const;

 private:
  enum class Life : std::uint8_t { kUnopened, kOpen, kClosed };
  struct End {
    Life life = Life::kUnopened;
    std::shared_ptr<LoopGate> gate;
    bool is_awake = false;  // its loop will look, or is looking
    bool is_used = true;    // until it says otherwise
    bool is_full = false;   // the other side has been told so
    Parcels mailbox;
    std::size_t count = 0;  // not handled yet, of the mailbox and of what was taken
    std::size_t size = 0;
  };
  End& end(ChannelSide side) noexcept { return ends_[static_cast<std::size_t>(side)]; }
  // Gives the gate to knock at, outside of the lock, or null.
  [[nodiscard]] std::shared_ptr<LoopGate> wake(ChannelSide side);
  void knock(const std::shared_ptr<LoopGate>& gate, ChannelSide side);
  bool is_unused() const noexcept;
  bool finish(ChannelSide side, Life from) noexcept;

  mutable std::mutex mutex_;
  std::array<End, 2> ends_;
  // Each is touched by the thread of its side only.
  std::array<ChannelConnection*, 2> connections_{};
};

// The right to open a side. When the last holder has gone without, the other side hears that nobody
// will. Any thread.
class ChannelTicket {
 public:
  ChannelTicket(std::shared_ptr<ChannelLink> link, ChannelSide side)
      : link_(std::move(link)), side_(side) {}
  ~ChannelTicket() { link_->abandon(side_); }
  ChannelTicket(const ChannelTicket&) = delete;
  ChannelTicket& operator=(const ChannelTicket&) = delete;

  const std::shared_ptr<ChannelLink>& link() const noexcept { return link_; }
  ChannelSide side() const noexcept { return side_; }

 private:
  const std::shared_ptr<ChannelLink> link_;
  const ChannelSide side_;
};

}  // namespace capnweb
