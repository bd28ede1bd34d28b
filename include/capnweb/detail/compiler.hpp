// compiler.hpp: what some compilers do wrong, and which calls that concerns (docs/compilers.md).
#pragma once

#include <capnweb/fwd.hpp>
#include <functional>
#include <optional>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>

// g++ before 12.3 destroys some temporaries of an expression with co_await twice. Define it as 0 or
// 1 to overrule this; tests/compiler_trap measures it.
#if !defined(CAPNWEB_DESTROYS_TEMPORARIES_TWICE)
#if defined(__GNUC__) && !defined(__clang__) && \
    (__GNUC__ < 12 || (__GNUC__ == 12 && __GNUC_MINOR__ < 3))
#define CAPNWEB_DESTROYS_TEMPORARIES_TWICE 1
#else
#define CAPNWEB_DESTROYS_TEMPORARIES_TWICE 0
#endif
#endif

namespace capnweb::detail {

template <class T, template <class...> class Template>
inline constexpr bool is_a = false;
template <template <class...> class Template, class... A>
inline constexpr bool is_a<Template<A...>, Template> = true;

template <class T>
constexpr bool is_closure() {
  const std::string_view text = __PRETTY_FUNCTION__;
  return text.find("<lambda") != text.npos || text.find("(lambda") != text.npos;
}

// Whether a temporary of type T may be destroyed twice: aggregates and closures that have something
// to destroy, and wrappers that people build around one in place. Not vectors and smart pointers:
// those come from functions and std::move, which is safe, far more often than from
// `std::vector<User>(2, User{})`.
template <class T>
constexpr bool breaks_when_temporary();

template <class T>
inline constexpr bool wraps_breaking = false;
template <class A>
inline constexpr bool wraps_breaking<std::optional<A>> = breaks_when_temporary<A>();
template <class A, class B>
inline constexpr bool wraps_breaking<std::pair<A, B>> =
    breaks_when_temporary<A>() || breaks_when_temporary<B>();
template <class... A>
inline constexpr bool wraps_breaking<std::tuple<A...>> = (breaks_when_temporary<A>() || ...);
template <class... A>
inline constexpr bool wraps_breaking<std::variant<A...>> = (breaks_when_temporary<A>() || ...);
template <class Signature>
inline constexpr bool wraps_breaking<std::function<Signature>> = true;
template <class Signature>
inline constexpr bool wraps_breaking<Function<Signature>> = true;

template <class T>
constexpr bool breaks_when_temporary() {
  if constexpr (requires { typename T::must_be_named; }) {
    return true;
  } else if constexpr (!std::is_class_v<T> || std::is_trivially_destructible_v<T>) {
    return false;
  } else {
    return std::is_aggregate_v<T> || is_closure<T>() || wraps_breaking<T>;
  }
}

// Whether an argument given as a `B` (a value or rvalue reference: a temporary) is in danger here.
template <class B>
constexpr bool is_risky() {
  if constexpr (CAPNWEB_DESTROYS_TEMPORARIES_TWICE && !std::is_lvalue_reference_v<B>)
    return breaks_when_temporary<std::remove_cvref_t<B>>();
  return false;
}

}  // namespace capnweb::detail
