// dynamic_call.hpp: calls by name, with arguments of whatever type can cross.
#pragma once

#include <capnweb/detail/conversion.hpp>
#include <capnweb/detail/promise_to_name.hpp>
#include <capnweb/detail/reply.hpp>
#include <capnweb/promise.hpp>
#include <type_traits>
#include <utility>

namespace capnweb::detail {

template <class T>
constexpr void check_argument() {
  static_assert(PromiseLike<T> || Encodable<T>,
                "capnweb: an argument of this type cannot cross; specialise capnweb::Convert");
}

template <class... U>
Arguments encode_all(U&&... values) {
  (check_argument<std::decay_t<U>>(), ...);
  Arguments arguments;
  arguments.values.reserve(sizeof...(U));
  (arguments.values.push_back(encode_any(std::forward<U>(values))), ...);
  arguments.may_hold_promises = !(is_promise_free<std::decay_t<U>> && ...);
  return arguments;
}

template <class R, class... A>
Reply<R, A...> dynamic_call(Receiver receiver, std::string_view method, A&&... arguments) {
  return Reply<R, A...>(send_call(receiver, method, encode_all(std::forward<A>(arguments)...)));
}

template <class... A>
Reply<Value, A...> dynamic_call_self(Receiver receiver, A&&... arguments) {
  return Reply<Value, A...>(send_call(receiver, encode_all(std::forward<A>(arguments)...)));
}

}  // namespace capnweb::detail
