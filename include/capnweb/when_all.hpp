// when_all.hpp: waiting for several promises at once.
#pragma once

#include <capnweb/promise.hpp>
#include <capnweb/task.hpp>
#include <cstddef>
#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>

namespace capnweb {

namespace detail {

template <class T>
using WhenAllResult = std::conditional_t<std::is_void_v<T>, std::monostate, T>;

// The promise, pulled from now on. A property is asked for once, here.
template <class T>
Promise<T> pulled(const Promise<T>& promise) {
  const PromiseRef& ref = promise.ref();
  Promise<T> root(ref.path ? ref.hook->get(*ref.path) : ref.hook);
  root.detach();
  return root;
}

template <class T>
Task<> await_into(std::optional<WhenAllResult<T>>& result, Promise<T>& promise) {
  if constexpr (std::is_void_v<T>) {
    co_await promise;
    result.emplace();
  } else {
    result.emplace(co_await promise);
  }
}

template <std::size_t I = 0, class Results, class Promises>
Task<> await_from(Results& results, Promises& promises) {
  if constexpr (I < std::tuple_size_v<Promises>) {
    co_await await_into(std::get<I>(results), std::get<I>(promises));
    co_await await_from<I + 1>(results, promises);
  }
}

}  // namespace detail

// Waits for several promises, which are all asked for at once: one round trip, where awaiting one
// after the other takes a round trip each, and in an HTTP batch comes too late. Throws what the
// first that failed, in this order, failed with. void gives std::monostate.
//
//   auto [user, posts] = co_await capnweb::when_all(api->user(id), api->posts(id));
template <class... T>
Task<std::tuple<detail::WhenAllResult<T>...>> when_all(Promise<T>... promises) {
  std::tuple<Promise<T>...> pulled{detail::pulled(promises)...};  // braces: in order
  std::tuple<std::optional<detail::WhenAllResult<T>>...> results;
  co_await detail::await_from(results, pulled);
  co_return std::apply(
      [](auto&... held) { return std::tuple<detail::WhenAllResult<T>...>(std::move(*held)...); },
      results);
}

}  // namespace capnweb
