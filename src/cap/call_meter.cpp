#include <capnweb/detail/call_meter.hpp>
#include <capnweb/error.hpp>
#include <string>

namespace capnweb::detail {

constinit thread_local CallMeter* CallMeter::current = nullptr;

Error CallMeter::refusal() {
  return Error::range_error(
      "Too many calls of this session are running: " + std::to_string(current->most_) +
      "; wait until some have ended, or raise the callee's "
      "Limits::max_calls.");
}

}  // namespace capnweb::detail
