// turn.hpp: what runs when promises settle, and when.
//
// Settling a promise runs nobody's code. Those who waited for it join the turn's queue and run when
// the turn ends, or, between two messages, when the session drains it: the counterpart of
// JavaScript's microtasks. One queue per thread.
#pragma once

#include <capnweb/detail/hook.hpp>

namespace capnweb::detail {

// Waiters in order of arrival. Holds no ownership: a waiter that is destroyed leaves its list.
class WaiterList {
 public:
  WaiterList() noexcept { reset(); }
  WaiterList(const WaiterList&) = delete;
  WaiterList& operator=(const WaiterList&) = delete;
  ~WaiterList() { clear(); }

  bool empty() const noexcept { return ends_.next == &ends_; }
  void push_back(Waiter& waiter) noexcept;
  // Moves all of `other` behind what is here.
  void splice_back(WaiterList& other) noexcept;
  Waiter* front() const noexcept { return static_cast<Waiter*>(ends_.next); }
  Waiter* pop_front() noexcept;
  // Ends the wait of all.
  void clear() noexcept;

  static void run(Waiter& waiter) noexcept { waiter.on_settled(); }

 private:
  void reset() noexcept { ends_.next = ends_.previous = &ends_; }
  WaitLink ends_;
};

// A stretch of work after which what has settled runs: handling a message, a timer, a user's call
// from outside. Scopes nest; the end of the outermost drains the queue.
class Turn {
 public:
  Turn() noexcept;
  ~Turn();
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

  // Queues waiters. Without an open turn they run before this returns.
  static void add(Waiter& waiter) noexcept;
  static void add(WaiterList& waiters) noexcept;

  // Runs what is queued until nothing is left. Does nothing when the queue is being drained
  // already, further out.
  static void drain() noexcept;
};

}  // namespace capnweb::detail
