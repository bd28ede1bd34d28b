// path.hpp: what a property path reaches inside a value (section 3.2 of the rules).
#pragma once

#include <capnweb/detail/hook.hpp>
#include <capnweb/detail/outcome.hpp>
#include <capnweb/value.hpp>
#include <string>

#include "wire/names.hpp"

namespace capnweb::detail {

// "a.b.3": a path in an error text (C-20).
std::string path_text(PathView path);
Error not_a_function(PathView path);
Error property_of_undefined(const PathPart& part);

// Calls, reads, maps what lies at the end of `path` in `root`, which is what its first `from` parts
// led to; a stub or promise on the way gets the rest of the path (C-18).
HookRef call_in_value(const Value& root, PathView path, std::size_t from, Arguments arguments);
HookRef get_in_value(const Value& root, PathView path, std::size_t from = 0);
HookRef map_in_value(const Value& root, PathView path, std::size_t from, MapProgram program);

}  // namespace capnweb::detail
