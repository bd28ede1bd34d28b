// delivery.hpp: waiting for a value and for every promise inside of it.
#pragma once

#include <capnweb/detail/hook.hpp>
#include <capnweb/detail/outcome.hpp>
#include <memory>

namespace capnweb::detail {

class SettleAll;

// Pulls a promise and settles the promises in its value, as an application sees it (M-16).
class Delivery final : private Waiter {
 public:
  // Takes the promise over: if nobody else holds it, its value is moved out, not copied.
  explicit Delivery(PromiseRef promise);
  ~Delivery() override;

  // Starts waiting. True: the outcome is there at once and `done` will not be called. Otherwise
  // `done(context)` runs later from the turn's queue, once. `done` may destroy this.
  bool start(void (*done)(void* context) noexcept, void* context);

  // The outcome. REQUIRES: start() gave true or `done` was called. Throws Error if it is one.
  Value take();
  Outcome take_outcome() { return std::move(outcome_); }

 private:
  void on_settled() noexcept override;
  bool proceed();
  void finish() noexcept;

  PromiseRef promise_;
  std::unique_ptr<SettleAll> inner_;
  Outcome outcome_;
  void (*done_)(void*) noexcept = nullptr;
  void* context_ = nullptr;
};

}  // namespace capnweb::detail
