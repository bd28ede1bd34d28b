// outcome.hpp: what calls take and what promises end with.
#pragma once

#include <capnweb/value.hpp>
#include <cstddef>
#include <memory>
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

// What a map may still do (Limits::max_map_steps); the maps that run inside of it share it.
struct MapBudget {
  std::size_t limit;
  std::size_t left = limit;
};

// A recorded map(): the instructions as JSON text, and the stubs and promises they capture.
struct MapProgram {
  std::vector<Value> captures;
  std::string instructions;
  std::shared_ptr<MapBudget> budget = {};  // null: no bound
};

}  // namespace capnweb::detail
