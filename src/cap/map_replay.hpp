// map_replay.hpp: running a recorded map() where the value is (section 6 of the rules).
#pragma once

#include <capnweb/detail/hook.hpp>
#include <capnweb/detail/outcome.hpp>
#include <capnweb/value.hpp>

namespace capnweb::detail {

// Runs the program for each element of an array, once for any other value, not at all for null and
// undefined. Calls start in order, without waiting for one another; the result holds
// the promises of theirs. An error in the program rejects the promise that is returned.
HookRef replay_map(const Value& input, MapProgram program);

}  // namespace capnweb::detail
