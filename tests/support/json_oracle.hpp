// json_oracle.hpp: simdjson as the oracle of our JSON reader.
//
// simdjson 3.0 refuses what JavaScript accepts: lone surrogates (V-4), numbers beyond a double and
// integers beyond 64 bits (V-10). Elsewhere both must agree, on the values and on what is refused.
#pragma once

#include <simdjson.h>

#include <cmath>

#include "value/json_tape.hpp"
#include "value/utf.hpp"

namespace capnweb::testing {

// Whether both have read the same value.
inline bool same(JsonView ours, simdjson::dom::element theirs);

namespace oracle {

inline bool same_array(JsonView ours, simdjson::dom::array theirs) {
  if (!ours.is_array() || ours.size() != theirs.size()) return false;
  auto element = ours.begin();
  for (const simdjson::dom::element other : theirs) {
    if (!same(*element, other)) return false;
    ++element;
  }
  return element == ours.end();
}

inline bool same_object(JsonView ours, simdjson::dom::object theirs) {
  if (!ours.is_object() || ours.size() != theirs.size()) return false;
  auto element = ours.begin();
  for (const auto& [key, value] : theirs) {
    if (!(*element).is_string() || (*element).string() != key) return false;
    ++element;
    if (!same(*element, value)) return false;
    ++element;
  }
  return element == ours.end();
}

// simdjson's integer 0 may stand for -0.
inline bool same_number(JsonView ours, double theirs) {
  return ours.is_number() && ours.number() == theirs;
}

}  // namespace oracle

inline bool same(JsonView ours, simdjson::dom::element theirs) {
  using simdjson::dom::element_type;
  switch (theirs.type()) {
    case element_type::ARRAY:
      return oracle::same_array(ours, theirs.get_array().value_unsafe());
    case element_type::OBJECT:
      return oracle::same_object(ours, theirs.get_object().value_unsafe());
    case element_type::STRING:
      return ours.is_string() && ours.string() == theirs.get_string().value_unsafe();
    case element_type::INT64:
      return oracle::same_number(ours, static_cast<double>(theirs.get_int64().value_unsafe()));
    case element_type::UINT64:
      return oracle::same_number(ours, static_cast<double>(theirs.get_uint64().value_unsafe()));
    case element_type::DOUBLE:
      return oracle::same_number(ours, theirs.get_double().value_unsafe());
    case element_type::BOOL:
      return ours.type() == (theirs.get_bool().value_unsafe() ? JsonType::kTrue : JsonType::kFalse);
    case element_type::NULL_VALUE:
      return ours.type() == JsonType::kNull;
  }
  return false;
}

// Whether there is something that simdjson refuses and we must not.
inline bool has_known_difference(JsonView view) {
  if (view.is_number()) return std::abs(view.number()) >= 9.2e18;
  if (view.is_string()) return !is_valid_utf8(view.string());
  if (!view.is_array() && !view.is_object()) return false;
  for (const JsonView element : view)
    if (has_known_difference(element)) return true;
  return false;
}

}  // namespace capnweb::testing
