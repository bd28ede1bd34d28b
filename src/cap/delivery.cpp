#include <capnweb/detail/delivery.hpp>
#include <utility>

#include "cap/settle.hpp"

namespace capnweb::detail {

Delivery::Delivery(PromiseRef promise) : promise_(std::move(promise)) {}
Delivery::~Delivery() = default;

bool Delivery::start(void (*done)(void*) noexcept, void* context) {
  done_ = done;
  context_ = context;
  if (promise_.path) promise_ = {promise_.hook->get(*promise_.path)};
  if (promise_.hook->is_stub()) {
    outcome_.data = Value(StubRef{std::move(promise_.hook)});
    return true;
  }
  if (promise_.hook->outcome()) return proceed();
  promise_.hook->wait(*this);
  return false;
}

// The promise itself is settled: takes its value and settles what is inside. True if all is done.
bool Delivery::proceed() {
  HookRef hook = std::move(promise_.hook);
  Outcome& outcome = *hook->outcome();
  if (hook->owns_outcome()) {
    outcome_ = std::move(outcome);
  } else {
    outcome_ = outcome;
  }
  if (outcome_.is_error()) return true;
  const Value& value = outcome_.value();
  if (!value.is_array() && !value.is_object()) return true;  // nothing is inside of it
  inner_ = std::make_unique<SettleAll>();
  const auto inner_done = [](void* self) noexcept { static_cast<Delivery*>(self)->finish(); };
  if (!inner_->start({&outcome_.value(), 1}, inner_done, this)) return false;
  if (inner_->error()) outcome_.data = *inner_->error();
  return true;
}

void Delivery::on_settled() noexcept {
  if (proceed()) done_(context_);
}

void Delivery::finish() noexcept {
  if (inner_->error()) outcome_.data = *inner_->error();
  done_(context_);
}

Value Delivery::take() {
  if (outcome_.is_error()) throw Error(outcome_.error());
  return std::move(outcome_.value());
}

}  // namespace capnweb::detail
