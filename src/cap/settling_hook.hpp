// settling_hook.hpp: what all promises share, local ones and those of a peer.
#pragma once

#include <capnweb/detail/hook.hpp>
#include <capnweb/detail/outcome.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "cap/cycle.hpp"
#include "cap/turn.hpp"

namespace capnweb::detail {

// One on_broken() registration: lives while the caller holds its handle, fires at most once.
class BrokenWatch {
 public:
  explicit BrokenWatch(std::function<void(const Error&)> callback)
      : callback_(std::move(callback)) {}
  // An exception of the callback stops here: there is nobody to give it to.
  void fire(const Error& reason) noexcept;
  // From now on it is `hook` that may break.
  void follow(Hook& hook);

 private:
  std::function<void(const Error&)> callback_;
  std::shared_ptr<void> next_;
};

// A promise: open, then either settled or following another promise for good.
//
// While it is open, calls on it are the derived class's matter (it queues them, or sends them to a
// peer); afterwards they go to what it settled to.
class SettlingHook : public Hook, public Needs {
 public:
  HookRef call(PathView path, Arguments arguments) final;
  HookRef call_plain(std::string_view method, const PlainArguments& arguments) final;
  Written stream(PathView path, Arguments arguments) final;
  HookRef get(PathView path) final;
  HookRef map(PathView path, MapProgram program) final;
  Outcome* outcome() final;
  bool owns_outcome() noexcept final;
  SettlingHook* as_settling() noexcept final { return this; }
  void wait(Waiter& waiter) final;
  std::shared_ptr<void> on_broken(std::function<void(const Error&)> callback) final;
  void append_needs(std::vector<const Hook*>& out) const final;
  bool is_final() const noexcept final { return state_ != State::kOpen; }
  bool is_closed() const noexcept final { return is_closed_; }
  void set_closed() const noexcept final { is_closed_ = true; }
  void caller_gone() final;

 protected:
  enum class State : std::uint8_t { kOpen, kFollowing, kSettled };
  State state() const noexcept { return state_; }

  // Ends with `outcome`, or follows the promise that is its root. What waits joins the turn's
  // queue. REQUIRES: state() is open. May destroy this, if the caller holds no reference.
  void settle(Outcome outcome);
  // The same for one that nobody else has a reference to: nothing can lead back to it.
  void settle_new(Outcome outcome);
  // REQUIRES: the value's root is neither a promise nor a stub.
  void settle_new(Value&& value) {
    outcome_.data.emplace<0>(std::move(value));
    state_ = State::kSettled;
  }

  // Whether calls must still go to the open_ functions although it is settled: while calls made
  // before are waiting to be delivered.
  virtual bool holds_back_calls() const noexcept { return false; }
  virtual HookRef open_call(PathView path, Arguments arguments) = 0;
  virtual Written open_stream(PathView path, Arguments arguments);
  virtual HookRef open_get(PathView path) = 0;
  virtual HookRef open_map(PathView path, MapProgram program) = 0;
  // Somebody wants the outcome.
  virtual void open_wait() {}
  // Only its answer still holds it: whoever works at it may stop (M-25).
  virtual void abandoned() {}
  // What has to settle before this can.
  virtual void append_open_needs(std::vector<const Hook*>&) const {}
  // Where a registration made while open is kept besides this promise.
  virtual void open_watch(const std::shared_ptr<BrokenWatch>&) {}

  // What calls go to once it is not open any more.
  HookRef settled_call(PathView path, Arguments arguments);
  HookRef settled_get(PathView path);
  HookRef settled_map(PathView path, MapProgram program);

  // What waits for the outcome is told, from the turn's queue.
  WaiterList& waiters() noexcept { return waiters_; }

 private:
  // A step along promises that follow one another, or null at their end. Peers can make long chains
  // of them, so they are walked by a loop: last() is where the steps lead from `hook`.
  using Step = Hook* (SettlingHook::*)() const;
  static HookRef last(Hook& hook, Step step, unsigned* steps = nullptr);
  // To what it follows, whose outcome is its own,
  Hook* followed() const { return state_ == State::kFollowing ? target_.get() : nullptr; }
  // or that, or the stub that it settled to: calls on this are calls on that;
  Hook* passed_to() const;
  // the same for calls that are made now: not past what holds them back.
  Hook* next_promise() const { return holds_back_calls() ? nullptr : followed(); }
  Hook* next_callee() const { return holds_back_calls() ? nullptr : passed_to(); }

  // The outcome's root, if it is a promise, becomes what this promise follows; if it is a stub,
  // what calls go to. Either way what is settled already is skipped, so that a chain grows at its
  // open end only, where it is counted.
  void follow_root();
  // Counts the link from this to `next`, unless that would make a circle or too long a chain.
  std::optional<Error> join(Hook& next);
  // Ends with an error instead, if what it ended with leads back to it.
  void refuse_circle();
  void release_waiters();
  void move_watches();

  Outcome outcome_;
  HookRef target_;  // what a following promise follows
  WaiterList waiters_;
  std::vector<std::weak_ptr<BrokenWatch>> watches_;
  unsigned links_ = 0;  // the most promises in a row that lead here, if this is their end
  State state_ = State::kOpen;
  mutable bool is_closed_ = false;
};

}  // namespace capnweb::detail
