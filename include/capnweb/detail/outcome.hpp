// outcome.hpp: what calls take and what promises end with.
#pragma once

#include <capnweb/value.hpp>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace capnweb::detail {

// The arguments of a call, owned by it.
struct Arguments {
  Array values;
  // False when it is known that no promise stands among or inside of the values.
  bool may_hold_promises = true;
};

// How a promise ended. The value's root is no promise; promises may stand inside of it.
struct Outcome {
  std::variant<Value, Error> data;

  bool is_error() const noexcept { return data.index() == 1; }
  const Value& value() const noexcept { return *std::get_if<0>(&data); }
  Value& value() noexcept { return *std::get_if<0>(&data); }
  const Error& error() const noexcept { return *std::get_if<1>(&data); }
};

// A recorded map(): the instructions as JSON text, and the stubs and promises they capture.
struct MapProgram {
  std::vector<Value> captures;
  std::string instructions;
};

}  // namespace capnweb::detail
