#include "cap/copied.hpp"

#include <capnweb/detail/call_meter.hpp>
#include <string>
#include <utility>

#include "cap/copy_cost.hpp"
#include "cap/promise_hook.hpp"
#include "cap/recycled.hpp"

namespace capnweb::detail {

namespace {

class CopiedHook final : public PromiseHook, public Recycled<CopiedHook> {
 public:
  using Recycled<CopiedHook>::operator new;
  using Recycled<CopiedHook>::operator delete;

  CopiedHook(Value value, Ref<CopyBudget> budget, std::size_t cost)
      : budget_(std::move(budget)), cost_(cost) {
    settle_new(std::move(value));
  }
  ~CopiedHook() override { budget_->give_back(cost_); }

 private:
  Ref<CopyBudget> budget_;
  std::size_t cost_;
};

}  // namespace

Error CopyBudget::exceeded() const {
  return Error::range_error("More than " + std::to_string(limit()) +
                            " bytes of properties and elements that this session has read are "
                            "held; release some, or raise the callee's Limits::max_copies.");
}

HookRef make_copied(const Value& value) {
  // What is a promise itself is no copy.
  if (!CallMeter::is_metering() || value.get_if<PromiseRef>()) return make_resolved(value);
  const std::size_t cost = sizeof(CopiedHook) + copy_cost(value);
  Ref<CopyBudget> budget = CallMeter::copies();
  if (!budget->take(cost)) return make_rejected(budget->exceeded());
  return make_ref<CopiedHook>(value, std::move(budget), cost);
}

}  // namespace capnweb::detail
