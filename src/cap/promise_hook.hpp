// promise_hook.hpp: a promise that is settled on this side.
#pragma once

#include <capnweb/detail/call_meter.hpp>
#include <capnweb/detail/resolver.hpp>
#include <deque>
#include <memory>
#include <variant>

#include "cap/recycled.hpp"
#include "cap/settling_hook.hpp"

namespace capnweb::detail {

// While it is open, calls on it wait in its queue; they are delivered in their order when it has
// settled (C-26, C-27), before any call made later.
class PromiseHook : public SettlingHook, public Recycled<PromiseHook>, private Waiter {
 public:
  // REQUIRES: not settled yet.
  void resolve(Outcome outcome);
  using SettlingHook::settle_new;

 private:
  friend class Resolver;
  struct Get {};
  struct Queued {
    Path path;
    std::variant<Get, Arguments, MapProgram> what;
    Resolver result;
    CallMeter::Lease lease;
  };

  bool holds_back_calls() const noexcept override { return queue_ != nullptr; }
  HookRef open_call(PathView path, Arguments arguments) override;
  HookRef open_get(PathView path) override;
  HookRef open_map(PathView path, MapProgram program) override;
  HookRef enqueue(PathView path, std::variant<Get, Arguments, MapProgram> what);
  HookRef deliver(Queued call);
  void append_open_needs(std::vector<const Hook*>& out) const override;
  void last_ref_gone() noexcept override;
  void abandoned() override { tell_resolver(); }
  void tell_resolver() noexcept;
  // Delivers the queue.
  void on_settled() noexcept override;

  std::unique_ptr<std::deque<Queued>> queue_;
  HookRef self_while_queued_;  // queued calls are made even if nobody holds the promise any more
  Resolver::State* resolver_ = nullptr;
  const Hook* queued_on_ = nullptr;  // the promise that this is a queued call's result of
};

}  // namespace capnweb::detail
