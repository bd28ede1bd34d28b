// bytes_source.hpp: bytes at hand as a stream.
#pragma once

#include <capnweb/bytes.hpp>

#include "cap/readable_hook.hpp"

namespace capnweb::detail {

// Gives the bytes in chunks of 64 KiB; no chunk if there are none (S-34).
Ref<ReadableHook> make_bytes_source(Bytes bytes);

}  // namespace capnweb::detail
