#include "cap/settle.hpp"

#include <utility>

#include "cap/copy_cost.hpp"

namespace capnweb::detail {

// A place in the values, and the promise that will fill it.
class SettleAll::Slot final : public Waiter {
 public:
  Slot(SettleAll& owner, Value& place, HookRef hook, std::size_t depth)
      : owner_(owner), place_(place), hook_(std::move(hook)), depth_(depth) {
    hook_->wait(*this);
  }
  const Hook* hook() const { return hook_.get(); }
  void fill() { owner_.put(place_, *std::exchange(hook_, nullptr), depth_); }

 private:
  void on_settled() noexcept override { owner_.slot_settled(*this); }

  SettleAll& owner_;
  Value& place_;
  HookRef hook_;
  std::size_t depth_;
};

SettleAll::SettleAll() = default;
SettleAll::~SettleAll() = default;

bool SettleAll::start(std::span<Value> values, void (*done)(void*) noexcept, void* context) {
  for (Value& value : values) scan(value, 1);
  if (error_) stop();
  if (open_ == 0) return true;
  done_ = done;
  context_ = context;
  return false;
}

void SettleAll::scan(Value& value, std::size_t depth) {
  if (error_) return;
  if (depth > kMaxDepth)
    return fail(Error::type_error("A value nests too deeply to be delivered."));
  if (auto* array = value.get_if<Array>()) {
    for (Value& item : *array) scan(item, depth + 1);
  } else if (auto* object = value.get_if<Object>()) {
    for (auto& entry : *object) scan(entry.second, depth + 1);
  } else if (value.get_if<PromiseRef>()) {
    ask(value, depth);
  }
}

void SettleAll::ask(Value& place, std::size_t depth) {
  PromiseRef promise = std::move(*place.get_if<PromiseRef>());
  place = Value();
  HookRef hook = promise.path ? promise.hook->get(*promise.path) : std::move(promise.hook);
  if (hook->is_stub()) {
    place = Value(StubRef{std::move(hook)});
  } else if (hook->outcome()) {
    put(place, *hook, depth);
  } else {
    ++open_;
    slots_.push_back(std::make_unique<Slot>(*this, place, std::move(hook), depth));
  }
}

void SettleAll::put(Value& place, Hook& hook, std::size_t depth) {
  Outcome& outcome = *hook.outcome();
  if (outcome.is_error()) return fail(outcome.error());
  if (hook.owns_outcome()) {
    place = std::move(outcome.value());
  } else {
    copied_ += copy_cost(outcome.value());
    if (copied_ > kMaxCopied)
      return fail(Error::range_error(
          "Results that are named again and again grow too large to be delivered."));
    place = outcome.value();
  }
  scan(place, depth);
}

void SettleAll::append_needs(std::vector<const Hook*>& out) const {
  for (const auto& slot : slots_)
    if (slot->hook()) out.push_back(slot->hook());
}

void SettleAll::fail(Error error) {
  if (!error_) error_ = std::move(error);
}

void SettleAll::stop() {
  slots_.clear();
  open_ = 0;
}

void SettleAll::slot_settled(Slot& slot) {
  slot.fill();
  --open_;
  if (open_ > 0 && !error_) return;
  stop();  // on failure: nobody waits for the others any more
  if (auto done = std::exchange(done_, nullptr)) done(context_);
}

}  // namespace capnweb::detail
