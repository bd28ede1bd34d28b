// conversion.hpp: what all conversions between C++ types and Values share.
#pragma once

#include <capnweb/detail/compiler.hpp>
#include <capnweb/fwd.hpp>
#include <capnweb/value.hpp>
#include <concepts>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace capnweb {

// Why a value did not fit: "argument 1" + path + ": expected " + expected + ", got " + got.
struct Mismatch {
  std::string path;  // where inside the value: ".name", "[2]"
  std::string expected;
  std::string got;

  // Says what was wanted; `value` is what came. Returns what `decode` returns then.
  std::nullopt_t set(std::string_view wanted, const Value& value);
};

// How a C++ type travels. To teach the library a type of your own, specialise it:
//
//   template <>
//   struct capnweb::Convert<Celsius> {
//     static Value encode(const Celsius& celsius) { return celsius.degrees; }
//     static std::optional<Celsius> decode(const Value& value, Mismatch& why) {
//       if (auto* number = value.get_if<double>()) return Celsius{*number};
//       return why.set("number", value);
//     }
//   };
//
// `decode` may also take `Value&&` and move out of it what it keeps.
template <class T>
struct Convert;

// The contract of a class that cannot be changed: specialise it; its members are Methods.
template <class T>
struct Contract;

// A class with a contract travels by reference, any other by value: the one rule of the typed API.
template <class T>
concept HasContract = requires { typename T::Rpc; } || requires { sizeof(Contract<T>); };

template <class T>
concept Encodable = requires(T&& value) {
  { Convert<T>::encode(std::forward<T>(value)) } -> std::convertible_to<Value>;
};
template <class T>
concept Decodable = requires(Value&& value, Mismatch& why) {
  { Convert<T>::decode(std::move(value), why) } -> std::same_as<std::optional<T>>;
};

namespace detail {

// A type that stands for a value still to come: Promise<T>, and a contract's Property.
template <class T>
concept PromiseLike = requires { typename std::remove_cvref_t<T>::promised; };

// A value of any type that can cross, or the promise of one.
template <class U>
Value encode_any(U&& value) {
  using V = std::decay_t<U>;
  if constexpr (PromiseLike<V>) {
    return Value(value.ref());
  } else {
    return Convert<V>::encode(std::forward<U>(value));
  }
}

// Types whose values never hold a promise: a call with only such arguments need not be searched.
template <class T>
constexpr bool find_promise_free() {
  if constexpr (requires { Convert<T>::kPromiseFree; }) return Convert<T>::kPromiseFree;
  return std::is_arithmetic_v<T> || std::is_enum_v<T>;
}
template <class T>
inline constexpr bool is_promise_free = find_promise_free<T>();

// Types that point into the Value they were decoded from, which only arguments may do.
template <class T>
constexpr bool find_borrowed() {
  if constexpr (requires { Convert<T>::kBorrowed; }) return Convert<T>::kBorrowed;
  return false;
}
template <class T>
inline constexpr bool is_borrowed = find_borrowed<T>();

// Types whose decode leaves the value as it was when it fails.
template <class T>
constexpr bool find_fails_cleanly() {
  if constexpr (requires { Convert<T>::kFailsCleanly; }) return Convert<T>::kFailsCleanly;
  return std::is_arithmetic_v<T> || std::is_enum_v<T> || is_borrowed<T>;
}
template <class T>
inline constexpr bool fails_cleanly = find_fails_cleanly<T>();

// Cold: puts a place in front of the path.
void at_index(Mismatch& why, std::size_t index);
void at_member(Mismatch& why, std::string_view name);

Error bad_result(const Mismatch& why);
[[noreturn]] void throw_bad_result(const Mismatch& why);

template <class T>
T decode_result(Value&& value) {
  static_assert(!is_borrowed<T>, "capnweb: a result of this type would point into freed memory");
  Mismatch why;
  if (auto result = Convert<T>::decode(std::move(value), why)) return std::move(*result);
  throw_bad_result(why);
}
template <>
inline void decode_result<void>(Value&&) {}
template <>
inline Value decode_result<Value>(Value&& value) {
  return std::move(value);
}

}  // namespace detail

// A C++ value as a Value.
template <class T>
  requires Encodable<std::decay_t<T>>
Value to_value(T&& value) {
  return Convert<std::decay_t<T>>::encode(std::forward<T>(value));
}

// A Value as a C++ value; throws Error (TypeError) if it does not fit.
template <class T>
  requires Decodable<T>
T from_value(Value value) {
  return detail::decode_result<T>(std::move(value));
}

}  // namespace capnweb
