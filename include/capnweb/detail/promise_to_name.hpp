// promise_to_name.hpp: the guard against compilers that destroy temporaries twice.
#pragma once

#include <capnweb/promise.hpp>
#include <coroutine>
#include <type_traits>
#include <utility>

namespace capnweb::detail {

template <class T>
inline constexpr bool kNever = false;

template <class T>
constexpr void refuse_temporary() {
  static_assert(kNever<T>,
                "capnweb: g++ 12.2 would destroy this call's temporary argument twice. "
                "Write: auto promise = stub->method(...); co_await promise;");
}

// What a call returns whose arguments may hold a temporary that this compiler destroys twice. As a
// named object it is a promise like any other; as a temporary it can be neither awaited nor built
// upon. It passes this on to the calls that it is an argument of.
template <class T>
class [[nodiscard]] PromiseToName : public Promise<T> {
 public:
  using must_be_named = void;
  using Promise<T>::Promise;

  auto operator co_await() const& { return Promise<T>::operator co_await(); }
  template <class Never = T>
  std::suspend_never operator co_await() && {
    refuse_temporary<Never>();
    return {};
  }
  auto operator->() const&
    requires is_a<T, Stub>
  {
    return Promise<T>::operator->();
  }
  template <class Never = T>
  auto operator->() &&
    requires is_a<T, Stub>
  {
    refuse_temporary<Never>();
    return Promise<T>::operator->();
  }
  template <class Member>
  auto operator[](Member member) const& {
    return Promise<T>::operator[](member);
  }
  template <class Member>
  auto operator[](Member member) && {
    refuse_temporary<Member>();
    return Promise<T>::operator[](member);
  }
  template <class F>
    requires(!std::is_void_v<T>)
  auto map(F&& callback) const& {
    return Promise<T>::map(std::forward<F>(callback));
  }
  template <class F>
    requires(!std::is_void_v<T>)
  auto map(F&& callback) && {
    refuse_temporary<F>();
    return Promise<T>::map(std::forward<F>(callback));
  }
};

}  // namespace capnweb::detail
