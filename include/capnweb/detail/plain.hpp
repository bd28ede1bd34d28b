// plain.hpp: C++ types that are read from a message's text and written to one without a Value in
// between.
//
// A type is plain if its Convert says so: numbers, bools and strings with
//
//   static constexpr bool kPlain = true;
//
// and vectors, optionals and structs with a function whose result lists what they consist of:
//
//   static auto parts() { return detail::Parts<T...>{}; }
//
// Both have
//
//   static std::optional<T> read(JsonView json, std::size_t room);
//   static void write(PlainWriter& out, const T& value);
//
// Reading takes what honest callers usually send, `room` levels of it, and gives nothing for all
// else: the message is then evaluated and decoded as any other, which knows every case and every
// error. So what it gives must be what decoding would give. It has no effects.
#pragma once

#include <capnweb/detail/conversion.hpp>
#include <capnweb/detail/json_view.hpp>
#include <capnweb/detail/plain_writer.hpp>
#include <concepts>
#include <cstddef>
#include <string>
#include <type_traits>

namespace capnweb::detail {

template <class... T>
struct Parts {};

template <class T>
concept HasParts = requires { Convert<T>::parts(); };

template <class T, class... Outer>
constexpr bool find_plain() {
  if constexpr ((std::same_as<T, Outer> || ...)) {
    return true;  // a struct that holds its like
  } else if constexpr (HasParts<T>) {
    return []<class... P>(Parts<P...>) {
      return (find_plain<P, T, Outer...>() && ...);
    }(decltype(Convert<T>::parts()){});
  } else if constexpr (requires { Convert<T>::kPlain; }) {
    return Convert<T>::kPlain;
  } else {
    return false;
  }
}
template <class T>
inline constexpr bool is_plain = find_plain<T>();

// Arguments of a call that are still text: an array of expressions that may nest `room` levels.
struct PlainArguments {
  JsonView json;
  std::size_t room = 0;
};

// What a call with such arguments gave: a value, or its expression if `text` is not empty.
struct PlainResult {
  Value value;
  std::string text;
};

}  // namespace capnweb::detail
