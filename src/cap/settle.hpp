// settle.hpp: waiting for every promise inside of values.
#pragma once

#include <capnweb/detail/hook.hpp>
#include <capnweb/detail/outcome.hpp>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "cap/cycle.hpp"

namespace capnweb::detail {

// Replaces each promise in some values by what it resolves to, and the promises in that likewise
// (M-16, C-24). The first rejection wins (C-25).
class SettleAll final : public Needs {
 public:
  // Nesting that results inside results may reach together: a bound on the stack that walking and
  // destroying such a value takes.
  static constexpr std::size_t kMaxDepth = 1024;
  // Bytes that copies of results may take together: one that is named twice is copied twice, and
  // results that each name the one before twice would double with every message.
  static constexpr std::size_t kMaxCopied = 128 * 1024 * 1024;

  SettleAll();
  ~SettleAll();
  SettleAll(const SettleAll&) = delete;
  SettleAll& operator=(const SettleAll&) = delete;

  // Starts. `values` must stay where they are. True: all is settled already and `done` will not be
  // called; otherwise `done(context)` runs once, from the turn's queue, and may destroy this.
  bool start(std::span<Value> values, void (*done)(void* context) noexcept, void* context);

  void append_needs(std::vector<const Hook*>& out) const override;

  // Why it failed, if it did.
  const std::optional<Error>& error() const noexcept { return error_; }

 private:
  class Slot;
  void scan(Value& value, std::size_t depth);
  void ask(Value& place, std::size_t depth);
  void put(Value& place, Hook& hook, std::size_t depth);
  void fail(Error error);
  void slot_settled(Slot& slot);
  void stop();

  std::vector<std::unique_ptr<Slot>> slots_;
  std::size_t open_ = 0;
  std::size_t copied_ = 0;
  std::optional<Error> error_;
  void (*done_)(void*) noexcept = nullptr;
  void* context_ = nullptr;
};

}  // namespace capnweb::detail
