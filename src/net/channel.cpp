#include <capnweb/channel.hpp>
#include <capnweb/loop.hpp>
#include <memory>
#include <stdexcept>
#include <utility>

#include "net/channel_connection.hpp"
#include "net/channel_link.hpp"
#include "net/loop_core.hpp"

namespace capnweb {

Session ChannelEnd::open(Loop& loop, Value main, SessionOptions options) const {
  auto session = ticket_ ? ChannelConnection::start(loop.core(), ticket_->link(), ticket_->side(),
                                                    std::move(main), std::move(options))
                         : nullptr;
  if (!session)
    throw std::logic_error("capnweb: this end of the channel has been opened before, or is empty");
  return Session(std::move(session));
}

Session ChannelEnd::open(Value main, SessionOptions options) const {
  return open(Loop::current(), std::move(main), std::move(options));
}

Channel make_channel() {
  const auto link = std::make_shared<ChannelLink>();
  const auto end = [&link](ChannelSide side) {
    return ChannelEnd(std::make_shared<const ChannelTicket>(link, side));
  };
  return {end(ChannelSide::kFirst), end(ChannelSide::kSecond)};
}

}  // namespace capnweb
