// transport.hpp: carrying a session over anything that can carry text.
#pragma once

#include <capnweb/session.hpp>
#include <string_view>
#include <utility>

namespace capnweb {

// A transport is four lines around a Session (session.hpp); there is no class to derive from. It
// has to deliver messages whole, in order and once (T-28), and it
//
// 1. gives each message that arrives to `session.receive(text)`;
// 2. sends what the session has to say: `session.on_output(signal)` tells when there is something;
//    the signal only notes that, and when the current piece of work is done `send_output()` sends
//    it, several messages at once where the medium can;
// 3. calls `session.disconnected(reason)` when the medium is gone;
// 4. looks at `session.end_reason()` after sending: when it is set, the session is over. What was
//    sent last may be an abort message, so close the medium behind it.
//
//   session.on_output([&] { queue.push_back([&] { pump(); }); });
//   void pump() {
//     capnweb::send_output(session, outbox, [&](std::string_view message) { pipe.write(message);
//     }); if (session.end_reason()) pipe.close();
//   }
//   pipe.on_message = [&](std::string_view message) { session.receive(message); };
//   pipe.on_close = [&] { session.disconnected(capnweb::Error("The pipe is closed.")); };
//
// A session is used on one thread, and receive() is best called from the event loop itself rather
// than from inside of another handler. Messages are JSON text, valid UTF-8. No message is larger
// than what the sender's application makes it; the receiving transport should bound what it buffers
// before it is whole, at three bytes for each unit of Limits::max_message_size.

// Gives each message that waits to `send`, in order, as a std::string_view that is valid during the
// call. `outbox` holds nothing in between; keep it, and its buffers are used again.
template <class Send>
void send_output(Session& session, Outbox& outbox, Send&& send) {
  session.take_output(outbox);
  for (std::size_t i = 0; i < outbox.size(); ++i) send(outbox[i]);
  outbox.clear();
}

}  // namespace capnweb
