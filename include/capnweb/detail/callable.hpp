// callable.hpp: the client's side of a contract: its methods as callable members.
#pragma once

#include <capnweb/detail/contract_view.hpp>
#include <capnweb/detail/conversion.hpp>
#include <capnweb/detail/dynamic_call.hpp>
#include <capnweb/detail/handler.hpp>
#include <capnweb/detail/method_info.hpp>
#include <capnweb/detail/receiver.hpp>
#include <capnweb/detail/reply.hpp>
#include <concepts>
#include <cstddef>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

namespace capnweb::detail {

template <class T, std::size_t N>
struct Registrar;

// May a U be written where the wire wants a T? A value as in any C++ call; a promise where its
// value will do without conversion on the way (an int is a number, a bool is none).
template <class U, class T>
constexpr bool sends() {
  using V = std::remove_cvref_t<U>;
  if constexpr (PromiseLike<V>) {
    using P = typename V::promised;
    if constexpr (std::is_arithmetic_v<P> && std::is_arithmetic_v<T>) {
      return std::same_as<P, bool> == std::same_as<T, bool> &&
             (std::floating_point<T> || std::integral<P>);
    } else if constexpr (std::is_void_v<P>) {
      return false;
    } else {
      return sends<P, T>();
    }
  } else if constexpr (std::convertible_to<U, T>) {
    return true;
  } else if constexpr (is_a<T, std::optional>) {
    return sends<U, typename T::value_type>();
  } else if constexpr (is_a<T, std::vector> && is_a<V, std::vector>) {
    return sends<typename V::value_type, typename T::value_type>();
  } else {
    return false;
  }
}

template <class T, class U>
Value send_as(U&& value) {
  using V = std::remove_cvref_t<U>;
  if constexpr (PromiseLike<V>) {
    return Value(value.ref());
  } else if constexpr (std::same_as<V, T>) {
    return Convert<T>::encode(std::forward<U>(value));
  } else if constexpr (std::convertible_to<U, T>) {
    return Convert<T>::encode(static_cast<T>(std::forward<U>(value)));
  } else if constexpr (is_a<T, std::optional>) {
    return send_as<typename T::value_type>(std::forward<U>(value));
  } else {
    Array array;
    array.reserve(value.size());
    for (auto& item : value) array.push_back(send_as<typename T::value_type>(item));
    return array;
  }
}

// A list of parameter types as the wire sees it: without std::stop_token.
template <class... A>
struct Wire {
  static constexpr std::size_t kSize = sizeof...(A);
  static constexpr std::size_t kRequired = [] {  // without the trailing optional ones
    std::size_t i = 0, last = 0;
    ((++i, last = is_a<std::remove_cvref_t<A>, std::optional> ? last : i), ...);
    return last;
  }();

  // The number of arguments is right, and each can be sent as its parameter's type.
  template <class... B>
  static constexpr bool accepts() {
    if constexpr (sizeof...(B) < kRequired || sizeof...(B) > kSize)
      return false;
    else
      return accepts_first<B...>(std::index_sequence_for<B...>{});
  }
  template <class... B>
  static Arguments encode(B&&... arguments) {
    return encode_first(std::index_sequence_for<B...>{}, std::forward<B>(arguments)...);
  }

 private:
  template <std::size_t I, class... B>
  struct At;
  template <std::size_t I, class First, class... Rest>
  struct At<I, First, Rest...> : At<I - 1, Rest...> {};
  template <class First, class... Rest>
  struct At<0, First, Rest...> {
    using type = std::remove_cvref_t<First>;
  };
  template <std::size_t I>
  using at = typename At<I, A...>::type;

  template <class... B, std::size_t... I>
  static constexpr bool accepts_first(std::index_sequence<I...>) {
    return (sends<B, at<I>>() && ...);
  }
  template <std::size_t... I, class... B>
  static Arguments encode_first(std::index_sequence<I...>, B&&... arguments) {
    Arguments encoded;
    encoded.values.reserve(sizeof...(B));
    (encoded.values.push_back(send_as<at<I>>(std::forward<B>(arguments))), ...);
    encoded.may_hold_promises =
        !((!PromiseLike<B> && is_promise_free<at<I>> && std::convertible_to<B, at<I>>) && ...);
    return encoded;
  }
};

template <class Kept, class... A>
struct OnWire;
template <class... Kept>
struct OnWire<Wire<Kept...>> {
  using type = Wire<Kept...>;
};
template <class... Kept, class First, class... Rest>
struct OnWire<Wire<Kept...>, First, Rest...>
    : std::conditional_t<is_stop_token<First>, OnWire<Wire<Kept...>, Rest...>,
                         OnWire<Wire<Kept..., First>, Rest...>> {};

template <class... A>
using wire = typename std::conditional_t<(is_stop_token<A> || ...), OnWire<Wire<>, A...>,
                                         std::type_identity<Wire<A...>>>::type;

// ---- Checks that name the method and the type in the compiler's message

template <class A>
inline constexpr bool kReceivable =
    !std::is_reference_v<A> ||
    (std::is_lvalue_reference_v<A> && std::is_const_v<std::remove_reference_t<A>>);

template <auto Method, class... A>
constexpr bool check_parameters() {
  static_assert((kReceivable<A> && ...),
                "capnweb: parameters of this method must be values or const references");
  return true;
}

template <auto Method, class Type>
constexpr void check_parameter() {
  if constexpr (!is_stop_token<Type>) {
    static_assert(!is_a<Type, std::shared_ptr> && !is_a<Type, std::unique_ptr>,
                  "capnweb: this method takes an object by pointer, but callers send references; "
                  "take a capnweb::Stub");
    static_assert(Decodable<Type> || is_a<Type, std::shared_ptr> || is_a<Type, std::unique_ptr>,
                  "capnweb: this method has a parameter whose type cannot cross; specialise "
                  "capnweb::Convert");
  }
}

template <auto Method, class Type>
constexpr void check_result() {
  if constexpr (is_a<Type, Task>) {
    check_result<Method, typename Type::Result>();
  } else if constexpr (!std::is_void_v<Type> && !PromiseLike<Type>) {
    using Plain = std::remove_cvref_t<Type>;
    static_assert(!HasContract<Plain>,
                  "capnweb: this method returns an object with a contract by value, which would "
                  "lose its identity; return std::unique_ptr, std::shared_ptr or capnweb::Stub");
    static_assert(Encodable<Plain> || HasContract<Plain>,
                  "capnweb: this method has a result whose type cannot cross; specialise "
                  "capnweb::Convert");
  }
}

// What Method is made of: callable on the client, a row of the table on the server.
template <class Self, auto Member, class Sig>
class Callable;
template <class Self, auto Member, class R, class... A>
class Callable<Self, Member, R(A...)> {
  static_assert(check_parameters<Member, A...>());

 public:
  constexpr Callable(Binding binding) noexcept : receiver_(binding.receiver) {}
  template <class T, std::size_t N>
  constexpr Callable(Registrar<T, N>& registrar) : receiver_(nullptr) {
    (check_parameter<Member, std::remove_cvref_t<A>>(), ...);
    check_result<Member, R>();
    registrar.template add<Member, Self::kInfo>();
  }
  Callable(const Callable&) = delete;  // it points into its stub

  // The handler's own signature: what an editor shows, and what takes braces.
  Reply<answer<R>, Plain<A>...> operator()(Plain<A>... arguments) const
    requires(!(is_stop_token<A> || ...))
  {
    return send<Plain<A>...>(std::forward<Plain<A>>(arguments)...);
  }

  // Promises in the place of values; trailing optional arguments left out.
  template <class... B>
    requires(wire<A...>::template accepts<B...>())
  Reply<answer<R>, B...> operator()(B&&... arguments) const {
    return send<B...>(std::forward<B>(arguments)...);
  }

 private:
  template <class... B>
  Reply<answer<R>, B...> send(B&&... arguments) const {
    return Reply<answer<R>, B...>(
        send_call(*receiver_, Self::kInfo.name, wire<A...>::encode(std::forward<B>(arguments)...)));
  }

  const Receiver* receiver_;
};

}  // namespace capnweb::detail
