// reserved_names.hpp: names that every JavaScript object has already.
#pragma once

#include <string_view>

namespace capnweb {

// Names that every JavaScript object has: no path may use them (C-11).
constexpr bool is_object_prototype_name(std::string_view name) noexcept {
  constexpr std::string_view kNames[] = {
      "__proto__",        "constructor",      "toString",         "toLocaleString",
      "valueOf",          "hasOwnProperty",   "isPrototypeOf",    "propertyIsEnumerable",
      "__defineGetter__", "__defineSetter__", "__lookupGetter__", "__lookupSetter__"};
  for (std::string_view known : kNames)
    if (name == known) return true;
  return false;
}

// Keys that no received object keeps (V-30).
constexpr bool is_forbidden_key(std::string_view key) noexcept {
  return key == "toJSON" || is_object_prototype_name(key);
}

}  // namespace capnweb
