#include <capnweb/detail/call_meter.hpp>
#include <capnweb/error.hpp>
#include <capnweb/limits.hpp>
#include <string>

#include "cap/copied.hpp"
#include "cap/stream_budget.hpp"

namespace capnweb::detail {

constinit thread_local CallMeter* CallMeter::current = nullptr;

CallMeter::CallMeter(std::size_t most, std::size_t most_streamed, std::size_t most_copied) noexcept
    : most_(most), most_streamed_(most_streamed), most_copied_(most_copied) {}

CallMeter::~CallMeter() = default;

Ref<StreamBudget> CallMeter::stream_budget() {
  if (!streams_) streams_ = make_ref<StreamBudget>(most_streamed_);
  return streams_;
}

std::size_t* CallMeter::searches() noexcept {
  return current && current->most_ != Limits::kUnlimited ? &current->searches_ : nullptr;
}

Ref<StreamBudget> CallMeter::streams() { return current ? current->stream_budget() : nullptr; }

const Ref<CopyBudget>& CallMeter::copies() {
  if (!current->copies_) current->copies_ = make_ref<CopyBudget>(current->most_copied_);
  return current->copies_;
}

Error CallMeter::refusal() {
  return Error::range_error(
      "Too many calls of this session are running: " + std::to_string(current->most_) +
      "; wait until some have ended, or raise the callee's "
      "Limits::max_calls.");
}

}  // namespace capnweb::detail
