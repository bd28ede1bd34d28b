// channel.hpp: two sessions in one process, joined without a network.
#pragma once

#include <capnweb/limits.hpp>
#include <capnweb/session.hpp>
#include <capnweb/value.hpp>
#include <memory>

namespace capnweb {

class ChannelTicket;
class Loop;

// One end of a channel, to be opened where its session is to live: as a MessagePort it may be
// handed to another thread first. Copies are the same end. Any thread may hold and copy it; when
// the last copy goes and nobody has opened it, the other session ends.
class ChannelEnd {
 public:
  // Neither end of anything: may only be assigned to and destroyed.
  ChannelEnd() noexcept = default;

  // Makes the session of this end on a loop, and gives the peer `main` as in Session. On the loop's
  // thread, and once: throws std::logic_error for an end that has been opened.
  //
  // The session lives as long as either end holds a stub or promise of the other, both loops run,
  // and nobody closes it. By default it is not limited: both ends are one program.
  Session open(Loop& loop, Value main = {},
               SessionOptions options = {.limits = Limits::none()}) const;
  // On the current loop; throws std::logic_error if there is none.
  Session open(Value main = {}, SessionOptions options = {.limits = Limits::none()}) const;

  // For the library.
  explicit ChannelEnd(std::shared_ptr<const ChannelTicket> ticket) noexcept
      : ticket_(std::move(ticket)) {}

 private:
  std::shared_ptr<const ChannelTicket> ticket_;
};

// The two ends of a new channel. What they carry is what a connection carries, by the same rules
// and in the same order, but values move instead of becoming text. A turn's messages cross
// together; no call is ever refused or made to wait, but while more than 1 MiB or 4096 messages
// have not been handled, the WebSockets whose calls cause more of them are not read.
//
//   auto [here, there] = capnweb::make_channel();
//   worker_loop.post([there] { there.open(capnweb::Stub<Worker>(std::make_shared<Worker>())); });
//   auto worker = here.open().remote_main<Worker>();
//   co_await worker->work(5);
//
// Any thread.
struct Channel {
  ChannelEnd first;
  ChannelEnd second;
};
Channel make_channel();

}  // namespace capnweb
