// collect.hpp: the whole of a stream of bytes.
#pragma once

#include <capnweb/detail/hook.hpp>
#include <cstddef>
#include <string>

namespace capnweb::detail {

class StreamBudget;

// The promise of all bytes that `readable` gives, as Bytes. Rejected with what the stream fails
// with, with a TypeError for a chunk that is no Uint8Array, and with a RangeError over `most`
// bytes; the source is cancelled then.
HookRef collect_bytes(const HookRef& readable, std::size_t most);

// The same as a Blob of that type (V-55), within the session's budget.
HookRef collect_blob(std::string type, const HookRef& readable, Ref<StreamBudget> budget);

}  // namespace capnweb::detail
