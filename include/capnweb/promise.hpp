// promise.hpp: the result of a call, now or later.
#pragma once

#include <capnweb/convert.hpp>
#include <capnweb/detail/awaiter.hpp>
#include <capnweb/detail/callback.hpp>
#include <capnweb/detail/contract_view.hpp>
#include <capnweb/detail/receiver.hpp>
#include <capnweb/detail/reflect.hpp>
#include <capnweb/detail/reply.hpp>
#include <capnweb/detail/resolver.hpp>
#include <capnweb/detail/settlement.hpp>
#include <capnweb/fwd.hpp>
#include <capnweb/task.hpp>
#include <concepts>
#include <memory>
#include <optional>
#include <stop_token>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace capnweb {

// The result of a call that is already on its way. Copies are handles to the same result; when the
// last one is dropped before the call has ended, the callee is told that nobody waits any more.
// It is also a reference to its value before that has come: calls and members of it, and calls that
// take it as an argument, need no round trip of their own. One thread, that of its session.
template <class T>
class [[nodiscard]] Promise {
 public:
  using promised = T;
  static_assert(!std::is_reference_v<T>, "capnweb: a Promise's result is a value");

  // Empty: may only be assigned to and destroyed.
  Promise() noexcept = default;

  // Waits. Throws Error if the call failed, or if its result is no T. Awaiting a temporary
  // (`co_await api->f()`, `co_await std::move(promise)`) moves the result out of the promise; a
  // named promise keeps it and may be awaited again.
  detail::Awaiter<T> operator co_await() && { return detail::Awaiter<T>(std::move(ref_)); }
  detail::Awaiter<T> operator co_await() const& { return detail::Awaiter<T>(ref_); }

  // Calls `on_value` with the result (no argument for void), or `on_error` with the Error: at once
  // if it is there, else when it comes. Without `on_error` failures are ignored. The callbacks must
  // not throw.
  template <class OnValue, class OnError>
  void then(OnValue on_value, OnError on_error) const {
    detail::check_callback<OnError, const Error&>();
    if constexpr (std::is_void_v<T>)
      detail::check_callback<OnValue>();
    else
      detail::check_callback<OnValue, T>();
    detail::Settlement::start(std::make_unique<detail::Then<T, OnValue, OnError>>(
                                  std::move(on_value), std::move(on_error)),
                              ref_);
  }
  template <class OnValue>
  void then(OnValue on_value) const {
    then(std::move(on_value), [](const Error&) noexcept {});
  }

  // Fire and forget: keeps the call alive until it has ended; its result or failure is dropped.
  void detach() const { detail::detach(ref_); }

  // Blocks until the result is there: for code that is not run by an event loop. Throws like
  // co_await, and std::logic_error when waiting would never end: on the loop's own thread while
  // the loop runs, or without a loop.
  T get() const { return detail::decode_result<T>(detail::blocking_get(ref_)); }

  // Calls `callback` with the reason when this fails, or when the capability breaks that it has
  // resolved to. The registration ends when the handle is destroyed.
  [[nodiscard]] std::shared_ptr<void> on_broken(detail::Callback<const Error&> callback) const {
    return detail::watch_broken(ref_.hook, std::move(callback));
  }

  // Promise<Stub<U>>: U's methods, before the stub has come.
  auto operator->() const
    requires detail::is_a<T, Stub>
  {
    return detail::ContractView<detail::rpc_of<typename T::Target>>(detail::Receiver(ref_));
  }

  // Promise<User>, Promise<std::optional<User>>: a member of what will come, `user[&User::id]`.
  template <class F, class C>
    requires(!std::is_function_v<F> && std::derived_from<detail::unwrap_optional<T>, C>)
  Promise<F> operator[](F C::* member) const {
    using Struct = detail::unwrap_optional<T>;
    return Promise<F>(detail::member_of(
        detail::Receiver(ref_), detail::member_name<Struct>(static_cast<F Struct::*>(member))));
  }

  // Promise<std::vector<E>>: an element. A number, which the reference's servers understand (C-15).
  auto operator[](std::size_t index) const
    requires detail::is_a<T, std::vector>
  {
    return Promise<typename T::value_type>(
        detail::member_of(detail::Receiver(ref_), static_cast<double>(index)));
  }

  // Promise<Value>: whatever will come. A number indexes an array, a string names a property.
  Promise<Value> operator[](std::string_view name) const
    requires std::same_as<T, Value>
  {
    return Promise<Value>(detail::member_of(detail::Receiver(ref_), name));
  }
  Promise<Value> operator[](std::integral auto index) const
    requires std::same_as<T, Value>
  {
    return Promise<Value>(detail::member_of(detail::Receiver(ref_), static_cast<double>(index)));
  }
  // Calls a method, `promise.call("greet", "hi")`, or with its result's type,
  // `promise.call<double>("add", 5, 3)`.
  template <class R = Value, class... A>
    requires std::same_as<T, Value>
  detail::Reply<R, A...> call(std::string_view method, A&&... arguments) const {
    return detail::dynamic_call<R>(detail::Receiver(ref_), method, std::forward<A>(arguments)...);
  }
  // Calls the value itself, as a function.
  template <class... A>
    requires std::same_as<T, Value>
  detail::Reply<Value, A...> operator()(A&&... arguments) const {
    return detail::dynamic_call_self(detail::Receiver(ref_), std::forward<A>(arguments)...);
  }
  // Has the peer run `callback` where the value is: for each element of an array, once for any
  // other value, not at all for null, in one message, and without a round trip per call.
  //
  //   auto names = co_await ids.map([&](auto id) { return api->name(id); });
  //
  // The callback itself runs here, once and at once, with the promise of an element that stands for
  // all of them. Calls in it, on whatever stub or promise, are recorded, not sent; other stubs and
  // promises may be used in it and stay the caller's. It can wait for nothing and returns whatever
  // can cross: a promise, a value, a container or struct with promises in it, nothing.
  //
  //   Promise<std::vector<E>>      takes a Promise<E>, gives a Promise<std::vector<R>>
  //   Promise<std::optional<T>>    as for T, gives a Promise<std::optional<...>>
  //   Promise<T>                   takes a Promise<T>, gives a Promise<R>
  //   Promise<Value>               takes a Promise<Value>, gives a Promise<Value>
  //
  // R is what the callback returns, with its promises settled; if that is nothing, the result is a
  // Promise<void>. Throws Error, and sends nothing, if the callback does, waits, or uses what
  // cannot be a part of a map: objects, functions and streams made inside of it.
  template <class F>
    requires(!std::is_void_v<T>)
  auto map(F&& callback) const {
    return detail::record_map<T>(detail::Receiver(ref_), std::forward<F>(callback));
  }

  // The same promise, of a value that must be a U: `co_await dynamic["count"].as<int>()`.
  template <class U>
    requires std::same_as<T, Value>
  Promise<U> as() const {
    return Promise<U>(ref_);
  }

  // Any promise is a promise of a Value.
  operator Promise<Value>() const
    requires(!std::same_as<T, Value>)
  {
    return Promise<Value>(ref_);
  }
  // As a part of a Value: where it is sent, its result arrives.
  operator Value() const { return Value(ref_); }

  bool is_empty() const noexcept { return !ref_.hook; }

  // For the library.
  explicit Promise(detail::HookRef hook) noexcept : ref_{std::move(hook)} {}
  explicit Promise(detail::PromiseRef ref) noexcept : ref_(std::move(ref)) {}
  const detail::PromiseRef& ref() const noexcept { return ref_; }

 private:
  detail::PromiseRef ref_;
};

// The other end of a promise made by make_promise(). Move-only; dropping it unsettled rejects the
// promise.
template <class T>
class PromiseResolver {
 public:
  // Settles the promise; what waits for it goes on. No effect once settled.
  template <class U = T>
    requires std::convertible_to<U, T>
  void resolve(U&& value) {
    resolver_.resolve(Convert<T>::encode(static_cast<T>(std::forward<U>(value))));
  }
  void resolve()
    requires std::is_void_v<T>
  {
    resolver_.resolve(Value());
  }
  // Settles it the way another promise settles.
  void resolve(const Promise<T>& promise) { resolver_.resolve(Value(promise.ref())); }
  void reject(Error error) { resolver_.reject(std::move(error)); }

  // Requested when nobody holds the promise any more.
  std::stop_token stop_token() { return resolver_.stop_token(); }

  // For the library.
  explicit PromiseResolver(detail::Resolver resolver) noexcept : resolver_(std::move(resolver)) {}

 private:
  detail::Resolver resolver_;
};

// A promise to be settled by hand: `auto [promise, resolver] = make_promise<int>();`.
template <class T>
std::pair<Promise<T>, PromiseResolver<T>> make_promise() {
  detail::Resolver resolver;
  Promise<T> promise(resolver.promise());
  return {std::move(promise), PromiseResolver<T>(std::move(resolver))};
}

// Handlers receive it settled: what arrives in the place of a promise is its value.
template <class T>
struct Convert<Promise<T>> {
  static Value encode(const Promise<T>& promise) { return promise; }
  static std::optional<Promise<T>> decode(Value&& value, Mismatch&) {
    return Promise<T>(detail::make_resolved(std::move(value)));
  }
};

}  // namespace capnweb

#include <capnweb/detail/dynamic_call.hpp>  // they need the above, which needs them
#include <capnweb/detail/map.hpp>
