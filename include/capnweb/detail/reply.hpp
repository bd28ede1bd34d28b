// reply.hpp: what a call with certain arguments returns.
#pragma once

#include <capnweb/detail/compiler.hpp>
#include <capnweb/detail/receiver.hpp>
#include <capnweb/fwd.hpp>
#include <string_view>
#include <type_traits>

namespace capnweb::detail {

template <class T>
class PromiseToName;

// A promise; on compilers that destroy temporaries twice, and where an argument may be such a
// temporary, a promise that must get a name before it is awaited.
template <class R, class... A>
using Reply = std::conditional_t<(is_risky<A>() || ...), PromiseToName<R>, Promise<R>>;

// The type of a parameter that takes what the handler's own takes, and does not hide a temporary.
template <class A>
using Plain = std::conditional_t<is_risky<std::remove_cvref_t<A>>(), std::remove_cvref_t<A>&&, A>;

// Calls by name, with arguments of any type that can cross (dynamic_call.hpp).
template <class R, class... A>
Reply<R, A...> dynamic_call(Receiver receiver, std::string_view method, A&&... arguments);
template <class... A>
Reply<Value, A...> dynamic_call_self(Receiver receiver, A&&... arguments);

// Records a map() over the T that the receiver stands for (map.hpp).
template <class T, class F>
auto record_map(Receiver receiver, F&& callback);

}  // namespace capnweb::detail
