// callback.hpp: functions that are called and not waited for.
#pragma once

#include <capnweb/detail/compiler.hpp>
#include <capnweb/fwd.hpp>
#include <concepts>
#include <functional>
#include <type_traits>
#include <utility>

namespace capnweb::detail {

// Nobody would run what a coroutine gives to those who only call it.
template <class F, class... A>
constexpr void check_callback() {
  static_assert(!is_a<std::invoke_result_t<F&, A...>, Task>,
                "capnweb: a coroutine as this callback would never run; call capnweb::start() "
                "with it inside of the callback");
}

// A std::function that is made of no coroutine.
template <class... A>
class Callback : public std::function<void(A...)> {
 public:
  template <class F>
    requires(!std::same_as<std::remove_cvref_t<F>, Callback> && std::invocable<F&, A...>)
  Callback(F&& callable) : std::function<void(A...)>(std::forward<F>(callable)) {
    check_callback<F, A...>();
  }
};

}  // namespace capnweb::detail
