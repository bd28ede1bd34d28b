// names.hpp: names with a meaning of their own in JavaScript.
#pragma once

#include <capnweb/detail/reserved_names.hpp>
#include <string_view>

namespace capnweb {

// Types of errors that JavaScript knows (V-37).
constexpr bool is_error_name(std::string_view name) noexcept {
  constexpr std::string_view kNames[] = {"Error",          "TypeError", "RangeError",
                                         "SyntaxError",    "EvalError", "ReferenceError",
                                         "AggregateError", "URIError"};
  for (std::string_view known : kNames)
    if (name == known) return true;
  return false;
}

}  // namespace capnweb
