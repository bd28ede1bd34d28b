// resolver.hpp: promises made here, and settling them.
#pragma once

#include <capnweb/detail/hook.hpp>
#include <capnweb/detail/outcome.hpp>
#include <memory>
#include <stop_token>

namespace capnweb::detail {

class Needs;
class PromiseHook;

// The promise of a value that is there already. If the value's root is a promise, that one.
HookRef make_resolved(Value value);
HookRef make_rejected(Error error);

// The side that settles a promise. Move-only; dropping it unsettled rejects the promise.
class Resolver {
 public:
  Resolver();  // makes a new promise
  Resolver(Resolver&& other) noexcept;
  Resolver& operator=(Resolver&& other) noexcept;
  ~Resolver();

  // The promise, for those who wait. REQUIRES: not settled yet.
  HookRef promise() const;

  // Settles it. A value whose root is a promise is followed. Calls queued on the promise go on,
  // and what waits for it runs, from the turn's queue. No effect once settled.
  void resolve(Value value);
  void reject(Error error);

  // Whether somebody holds the promise, which is not settled yet.
  bool is_wanted() const noexcept;

  // Tells what has to settle before this will, so that a promise which would wait for itself is
  // noticed. `needs` lives until this is settled.
  void set_needs(const Needs* needs);

  // Requested when nobody holds the promise any more: the caller is gone (M-25).
  std::stop_token stop_token();

 private:
  friend class PromiseHook;
  struct State;
  void settle(Outcome outcome);
  void drop() noexcept;  // rejects the promise if it is still open

  std::unique_ptr<State> state_;
};

}  // namespace capnweb::detail
