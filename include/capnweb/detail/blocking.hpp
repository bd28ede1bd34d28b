// blocking.hpp: how Promise::get() waits.
#pragma once

#include <capnweb/detail/outcome.hpp>
#include <capnweb/value.hpp>

namespace capnweb::detail {

// Waits until the promise has settled. Throws std::logic_error where that would never happen: on
// the thread of a loop that is running. Called on any thread; touching the promise on the right one
// is its own matter.
using BlockingWait = Outcome (*)(PromiseRef promise);

// Installed by whoever runs event loops. Without one, get() gives what has settled already and
// otherwise throws std::logic_error. Returns the one before.
BlockingWait set_blocking_wait(BlockingWait wait) noexcept;

}  // namespace capnweb::detail
