// pipe.hpp: a stream whose two ends are here.
#pragma once

#include "cap/readable_hook.hpp"
#include "cap/writable_hook.hpp"

namespace capnweb::detail {

struct PipeEnds {
  Ref<ReadableHook> readable;
  Ref<WritableHook> writable;
};

// What is written at one end is read at the other. A write is acknowledged when its chunk has been
// taken (S-15), so the writer knows how fast the reader is. Either end fails when the other is let
// go too early (S-6, S-19).
PipeEnds make_pipe();

}  // namespace capnweb::detail
