// map.hpp: map() over what a promise will be: the types, and recording the callback.
#pragma once

#include <array>
#include <capnweb/detail/conversion.hpp>
#include <capnweb/detail/promise_to_name.hpp>
#include <capnweb/detail/recording.hpp>
#include <capnweb/detail/reply.hpp>
#include <capnweb/promise.hpp>
#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

namespace capnweb::detail {

// ---- What a callback returns, once the promises in it have settled

template <class R>
struct Settled {
  using type = R;
};
template <PromiseLike R>
struct Settled<R> {
  using type = typename R::promised;
};
template <>
struct Settled<const char*> {
  using type = std::string;
};
template <>
struct Settled<std::string_view> {
  using type = std::string;
};
template <class A>
struct Settled<std::vector<A>> {
  using type = std::vector<typename Settled<A>::type>;
};
template <class A, std::size_t N>
struct Settled<std::array<A, N>> {
  using type = std::array<typename Settled<A>::type, N>;
};
template <class A>
struct Settled<std::optional<A>> {
  using type = std::optional<typename Settled<A>::type>;
};
template <class... A>
struct Settled<std::tuple<A...>> {
  using type = std::tuple<typename Settled<A>::type...>;
};
template <class A, class B>
struct Settled<std::pair<A, B>> {
  using type = std::pair<typename Settled<A>::type, typename Settled<B>::type>;
};
template <class A, class Compare>
struct Settled<std::map<std::string, A, Compare>> {
  using type = std::map<std::string, typename Settled<A>::type, Compare>;
};
template <class A, class Hash, class Equal>
struct Settled<std::unordered_map<std::string, A, Hash, Equal>> {
  using type = std::unordered_map<std::string, typename Settled<A>::type, Hash, Equal>;
};

// A Value where the type can be sent only.
template <class R>
constexpr auto find_settled() {
  using Type = typename Settled<R>::type;
  if constexpr (std::is_void_v<Type>) {
    return std::type_identity<void>();
  } else if constexpr (Decodable<Type> && !is_borrowed<Type>) {
    return std::type_identity<Type>();
  } else {
    return std::type_identity<Value>();
  }
}
template <class R>
using settled = typename decltype(find_settled<R>())::type;

// ---- What is mapped: the callback's element, and the map's result, by R, a callback's

// Any single value.
template <class T>
struct MapOver {
  using element = T;
  template <class R>
  using result = R;
};
template <class Array>
struct MapOverArray {
  using element = typename Array::value_type;
  template <class R>
  using result = std::vector<R>;
};
template <class E>
struct MapOver<std::vector<E>> : MapOverArray<std::vector<E>> {};
template <class E, std::size_t N>
struct MapOver<std::array<E, N>> : MapOverArray<std::array<E, N>> {};
// Arrays whose elements have no type in common.
template <class... E>
struct MapOver<std::tuple<E...>> : MapOverArray<std::vector<Value>> {};
template <class A, class B>
struct MapOver<std::pair<A, B>> : MapOverArray<std::vector<Value>> {};
// Perhaps an array, perhaps null: known when it comes.
template <>
struct MapOver<Value> {
  using element = Value;
  template <class R>
  using result = Value;
};
template <class... T>
struct MapOver<std::variant<T...>> : MapOver<Value> {};

template <class R>
struct OrNull {
  using type = std::optional<R>;
};
template <class R>
struct OrNull<std::optional<R>> {
  using type = std::optional<R>;
};
template <>
struct OrNull<Value> {
  using type = Value;
};
template <class T>
struct MapOver<std::optional<T>> {
  using element = typename MapOver<T>::element;
  template <class R>
  using result = typename OrNull<typename MapOver<T>::template result<R>>::type;
};

template <class T, class R>
struct MapResult {
  using type = typename MapOver<T>::template result<R>;
};
template <class T>
struct MapResult<T, void> {
  using type = void;
};

template <class T>
using map_element = Promise<typename MapOver<T>::element>;
template <class F, class T>
using map_returned = std::decay_t<std::invoke_result_t<F&, map_element<T>>>;

// ---- Recording

template <class R>
constexpr void check_map_returned() {
  static_assert(
      !is_a<R, Task>,
      "capnweb: RPC map() callbacks cannot be async: this one gives a Task. It runs once, "
      "with a placeholder; return the promise of a call without awaiting it");
  static_assert(is_a<R, Task> || std::is_void_v<R> || PromiseLike<R> || Encodable<R>,
                "capnweb: what this map() callback returns cannot cross; specialise "
                "capnweb::Convert");
}

template <class T, class F>
constexpr void check_map_callback() {
  static_assert(std::is_invocable_v<F&, map_element<T>>,
                "capnweb: a map() callback takes the promise of an element: "
                "[&](auto element) { ... }, or its type, capnweb::Promise<E>");
}

template <class T, class F>
auto record_map(Receiver receiver, F&& callback) {
  check_map_callback<T, F>();
  using Returned = map_returned<F, T>;
  check_map_returned<Returned>();
  using Result = typename MapResult<T, settled<Returned>>::type;
  Recording recording(receiver);
  map_element<T> element(recording.input());
  Value result;
  if constexpr (std::is_void_v<Returned>) {
    std::invoke(callback, std::move(element));
  } else {
    result = encode_any(std::invoke(callback, std::move(element)));
  }
  return Reply<Result, F>(recording.finish(result));
}

}  // namespace capnweb::detail
