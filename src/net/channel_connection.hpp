// channel_connection.hpp: one end of a channel, on its loop.
#pragma once

#include <capnweb/detail/ref.hpp>
#include <capnweb/session.hpp>
#include <cstddef>
#include <memory>

#include "net/channel_link.hpp"
#include "net/loop_core.hpp"
#include "session/session_core.hpp"

namespace capnweb {

// Moves parcels between a session and a link: those of a turn leave together when it ends, and
// those that have come are handled in turns of their own. Keeps itself alive until its session has
// ended: for its own reasons, with the other end, with the loop, or when neither end holds anything
// of the other. Loop thread only.
class ChannelConnection final : private Flushable, private LoopMember {
 public:
  // Opens a side of the link; null if that has been opened before, or if the loop has ended.
  static detail::Ref<detail::SessionCore> start(std::shared_ptr<LoopCore> loop,
                                                std::shared_ptr<ChannelLink> link, ChannelSide side,
                                                Value main, SessionOptions options);

  ChannelConnection(std::shared_ptr<LoopCore> loop, std::shared_ptr<ChannelLink> link,
                    ChannelSide side, detail::Ref<detail::SessionCore> session);

  // Handles what the link has for this side. In a turn.
  void look();

  // Messages handled in one turn, so that sockets get their share.
  static constexpr std::size_t kMessagesPerTurn = 256;

 private:
  void flush() noexcept override;
  void on_loop_end() noexcept override;
  void release_sources() noexcept;
  void shut() noexcept;

  std::shared_ptr<LoopCore> loop_;
  std::shared_ptr<ChannelLink> link_;
  const ChannelSide side_;
  detail::Ref<detail::SessionCore> session_;
  Parcels leaving_;  // empty but for its memory
  Parcels arrived_;
  std::size_t next_ = 0;                     // of what arrived
  IntrusiveList held_;                       // sources that fill the other end's mailbox
  std::shared_ptr<ChannelConnection> self_;  // until it is all over
};

}  // namespace capnweb
