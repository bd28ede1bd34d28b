#include <capnweb/detail/call_meter.hpp>
#include <capnweb/error.hpp>
#include <string>
#include <utility>

#include "cap/stream_budget.hpp"

namespace capnweb::detail {

constinit thread_local CallMeter* CallMeter::current = nullptr;

CallMeter::CallMeter(std::size_t most, Ref<StreamBudget> streams) noexcept
    : most_(most), streams_(std::move(streams)) {}

CallMeter::~CallMeter() = default;

Ref<StreamBudget> CallMeter::streams() noexcept { return current ? current->streams_ : nullptr; }

Error CallMeter::refusal() {
  return Error::range_error(
      "Too many calls of this session are running: " + std::to_string(current->most_) +
      "; wait until some have ended, or raise the callee's "
      "Limits::max_calls.");
}

}  // namespace capnweb::detail
