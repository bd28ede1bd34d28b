#include <capnweb/serialize.hpp>
#include <utility>

#include "wire/expression.hpp"

namespace capnweb {

std::string serialize(const Value& value) {
  std::string text;
  if (auto done = devaluate(value, nullptr, Ownership::kOwned, text); !done)
    throw Error(done.error());
  return text;
}

Value deserialize(std::string_view text) { return deserialize(text, Limits{}); }

Value deserialize(std::string_view text, const Limits& limits) {
  JsonTape tape;
  auto json = tape.parse(text);
  if (!json) throw Error(json.error());
  auto evaluated = evaluate(*json, nullptr, limits);
  if (!evaluated) throw Error(evaluated.error());
  return std::move(evaluated->value);
}

}  // namespace capnweb
