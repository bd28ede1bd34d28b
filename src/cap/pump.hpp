// pump.hpp: moving a stream on.
#pragma once

#include "cap/readable_hook.hpp"
#include "cap/writable_hook.hpp"

namespace capnweb::detail {

// Reads `source` and writes to `target` until either ends: the end of the one is the end of the
// other, with its reason (S-11, S-17, S-18). Begins when the turn ends, and goes on by itself.
// Returns the promise that it is done: rejected with what went wrong. A source that somebody else
// reads is not moved: the target is aborted.
HookRef start_pump(Ref<ReadableHook> source, Ref<WritableHook> target);

}  // namespace capnweb::detail
