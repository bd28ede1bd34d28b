// hook.hpp: the one seam behind everything that can be called.
#pragma once

#include <capnweb/detail/ref.hpp>
#include <capnweb/fwd.hpp>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace capnweb::detail {

class Hook;
class SettlingHook;
class Waiter;
struct Arguments;
struct MapProgram;
struct Outcome;
struct PlainArguments;
using HookRef = Ref<Hook>;

// A write to a stream, on its way: the promise of its acknowledgement, and the length of the
// message in UTF-16 units (S-27); 0 if there was no message.
struct Written {
  HookRef answer;
  std::size_t size = 0;
};

// A place in a list of waiters.
struct WaitLink {
  WaitLink* next = nullptr;
  WaitLink* previous = nullptr;
};

// Something that waits for a promise: a link in that promise's list, and, once the promise is
// settled, in the turn's list of what runs next. Destroying it ends the wait.
class Waiter : private WaitLink {
 public:
  Waiter() = default;
  Waiter(const Waiter&) = delete;
  Waiter& operator=(const Waiter&) = delete;
  bool is_waiting() const noexcept { return next != nullptr; }

 protected:
  virtual ~Waiter() { stop_waiting(); }
  void stop_waiting() noexcept {
    if (!is_waiting()) return;
    next->previous = previous;
    previous->next = next;
    next = previous = nullptr;
  }

 private:
  friend class WaiterList;
  // The promise has settled. Runs from the turn's queue, never inside the settling call.
  virtual void on_settled() noexcept = 0;
};

// Whatever can be called: a local object, a function, a value, a promise, a remote capability, a
// broken reference. Whether it is used as a stub or as a promise is the matter of whoever holds it.
//
// Nothing here throws for what a peer did: failures are rejected promises. Loop thread only.
class Hook : public RefCounted {
 public:
  // Calls what lies at the end of `path`; an empty path calls the hook itself. Takes the arguments
  // over, also on failure. Returns the promise of the result.
  virtual HookRef call(PathView path, Arguments arguments) = 0;

  // A call of a method with arguments that are still text, without Values in between. Null: it was
  // not done, and nothing happened; it is then to be made by call().
  virtual HookRef call_plain(std::string_view method, const PlainArguments& arguments);

  // A call on a stream: its answer is asked for at once, and nothing can be pipelined on it (M-36).
  virtual Written stream(PathView path, Arguments arguments);

  // The promise of a property. An empty path gives a promise of the value itself.
  virtual HookRef get(PathView path) = 0;

  // Runs a recorded map() over the value at the end of `path` (section R of the rules).
  virtual HookRef map(PathView path, MapProgram program) = 0;

  // Whether it is a capability itself, which never settles: a local object, a remote one. What
  // stands as a promise of it is then simply a stub for it.
  virtual bool is_stub() const { return false; }

  // What a peer is told that pulls it although it can never be pulled (S-5); null for all others.
  virtual const char* pull_refusal() const { return nullptr; }

  // How it ended, or null while that is open. The value's root is never a promise; promises may
  // stand inside of it. Valid until the next call of the hook. REQUIRES: !is_stub().
  virtual Outcome* outcome() = 0;

  // Whether who holds it alone may take the outcome away: a promise that follows another ends with
  // that one's, which others may still hold.
  virtual bool owns_outcome() noexcept { return is_unique(); }

  // Itself, if it is a promise that may follow another: those are walked by loops.
  virtual SettlingHook* as_settling() noexcept { return nullptr; }

  // The expression of its value, if that is how it is kept; else null, and outcome() has the value.
  virtual const std::string* plain_text() const noexcept { return nullptr; }

  // Asks for the outcome: `waiter` is told once, from the turn's queue.
  // REQUIRES: outcome() is null and `waiter` waits for nothing.
  virtual void wait(Waiter& waiter) = 0;

  // Whoever called this has lost interest, although a last reference is still held for the answer:
  // a handler that is running may stop (M-25).
  virtual void caller_gone() {}

  // Calls `callback` with the reason when this capability breaks (O-21): at once if it is broken,
  // never for a local object. The registration ends when the handle is destroyed.
  virtual std::shared_ptr<void> on_broken(std::function<void(const Error&)> callback) = 0;
};

}  // namespace capnweb::detail
