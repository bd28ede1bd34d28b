// stream.hpp: what the ends of streams have in common, whatever their chunks are.
#pragma once

#include <capnweb/detail/hook.hpp>
#include <capnweb/value.hpp>
#include <utility>

namespace capnweb::detail {

// Each throws std::logic_error for the end of no stream: default-constructed or moved from; and
// Error in the callback of a map(), where nothing is sent.
HookRef read_stream(const HookRef& readable);
void cancel_stream(const HookRef& readable, Error reason);
// The promise that the next chunk is welcome.
HookRef write_stream(const HookRef& writable, Value chunk);
HookRef close_stream(const HookRef& writable);
HookRef abort_stream(const HookRef& writable, Error reason);
// The promise that all has been moved.
HookRef move_stream(const HookRef& readable, const HookRef& writable);

// The reading end and the writing end of a new stream.
std::pair<HookRef, HookRef> make_stream();

}  // namespace capnweb::detail
