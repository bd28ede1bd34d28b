// stream_budget.hpp: how much of the streams of a session may wait to be read.
#pragma once

#include "cap/byte_budget.hpp"

namespace capnweb::detail {

// Shared by all streams that one peer writes to. An honest peer stops when its window is full; one
// that does not is bounded here, and its stream fails (L-8).
class StreamBudget final : public ByteBudget {
 public:
  using ByteBudget::ByteBudget;
  // What a stream fails with that does not fit.
  Error exceeded() const;
};

}  // namespace capnweb::detail
