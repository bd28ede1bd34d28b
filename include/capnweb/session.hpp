// session.hpp: one connection to one peer, without the network.
#pragma once

#include <capnweb/detail/callback.hpp>
#include <capnweb/detail/hook.hpp>
#include <capnweb/limits.hpp>
#include <capnweb/promise.hpp>
#include <capnweb/stub.hpp>
#include <capnweb/value.hpp>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace capnweb {

namespace detail {
class SessionCore;
}

// Messages on their way out: their texts, one behind the other, and where each ends.
struct Outbox {
  std::string text;
  std::vector<std::size_t> ends;

  bool empty() const noexcept { return ends.empty(); }
  std::size_t size() const noexcept { return ends.size(); }
  std::string_view operator[](std::size_t index) const noexcept {
    const std::size_t begin = index == 0 ? 0 : ends[index - 1];
    return std::string_view(text).substr(begin, ends[index] - begin);
  }
  void clear() noexcept {
    text.clear();
    ends.clear();
  }
};

struct SessionOptions {
  Limits limits = {};

  // Called for every error that is about to be sent, nested causes included (E-1, E-2). What it
  // returns is sent instead, with its stack; nothing: the error as it is, without a stack, and
  // without the text if it came from a foreign exception. If it throws, "internal error" is sent.
  std::function<std::optional<Error>(const Error&)> on_send_error = {};

  // Tells the time for the flow control of streams; empty: the steady clock. For simulations.
  std::function<std::chrono::steady_clock::time_point()> clock = {};
};

// A session and its two tables. Copies are handles to the same session. One that was made here, not
// by a client or server of the library, ends when its last handle goes: nobody could feed it any
// more. Everything on one thread.
//
// Whoever owns the socket feeds receive() and sends what take_output() gives. Nothing is pushed out
// of receive(): all messages of a turn are gathered.
class Session {
 public:
  // `local_main` is what the peer sees as our main object: a stub, an object with stubs in it, any
  // value; undefined: none (C-21).
  explicit Session(Value local_main = {}, SessionOptions options = {});
  explicit Session(detail::Ref<detail::SessionCore> core);  // for the library
  Session(const Session& other);
  Session(Session&& other) noexcept;
  Session& operator=(const Session& other);
  Session& operator=(Session&& other) noexcept;
  ~Session();

  // The peer's main object, dynamic or by the contract of T. Calls on it fail if the peer has none;
  // the client of a batch cannot have one (T-15).
  template <class T = void>
  Stub<T> remote_main() const {
    return Stub<T>(main_);
  }

  // Entries of both tables, the main objects among them (M-2), and calls of the peer that are
  // under way (Limits::max_calls). {1, 1, 0} when idle.
  struct Stats {
    std::size_t imports = 0;
    std::size_t exports = 0;
    std::size_t calls = 0;
    friend bool operator==(const Stats&, const Stats&) = default;
  };
  Stats stats() const noexcept;

  // Whether every pull of the peer has been answered: then a batch is complete.
  bool is_drained() const noexcept;

  // Done when that is so; rejects with the reason when the session ends before (A-3, E-9).
  Promise<void> drain() const;

  // Ends the session without a message to the peer, as disposing the main stub does in JavaScript
  // (O-18). Pending calls fail; what was exported is released.
  void close();
  // Ends it and tells the peer why: what is pending fails with `reason` on both sides (M-39).
  void abort(Error reason);

  // Why the session ended, or null while it lives. When it ends, the transport sends what
  // take_output() still gives and then closes.
  const Error* end_reason() const noexcept;

  // Calls `callback` once when the session ends, before pending calls fail; at once if it has
  // ended. The registration ends when the handle is destroyed.
  [[nodiscard]] std::shared_ptr<void> on_broken(detail::Callback<const Error&> callback);

  // -- For transports.

  // Handles one message. Never throws for what the peer sent: a breach of the protocol queues an
  // abort message and ends the session. Ignored once the session has ended.
  void receive(std::string_view message);

  // Moves the messages that wait to be sent into `out`, which is cleared first; its buffers are
  // reused.
  void take_output(Outbox& out);
  bool has_output() const noexcept;

  // `signal` is called when output appears where none was, and when the session ends. It may be
  // called from within any use of a stub: it should only schedule the sending.
  void on_output(std::function<void()> signal);

  // The transport is gone; everything pending fails with `reason`. An abort message is queued, as
  // the reference tries to send one (E-7): for a transport that can still write.
  void disconnected(Error reason);

 private:
  class Owner;
  detail::Ref<detail::SessionCore> core_;
  detail::HookRef main_;
  std::shared_ptr<Owner> owner_;
};

}  // namespace capnweb
