// copy_cost.hpp: what a copy of a value takes.
#pragma once

#include <capnweb/value.hpp>
#include <cstddef>

namespace capnweb::detail {

// About the bytes of memory that a copy needs. An error counts whole, although copies share it: it
// is also what keeping a value costs.
std::size_t copy_cost(const Value& value);
// Of all of them together.
std::size_t copy_cost(const Array& values);

}  // namespace capnweb::detail
