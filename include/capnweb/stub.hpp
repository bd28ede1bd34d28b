// stub.hpp: references to objects, here or at a peer.
#pragma once

#include <capnweb/convert.hpp>
#include <capnweb/detail/callback.hpp>
#include <capnweb/detail/contract_view.hpp>
#include <capnweb/detail/dynamic_call.hpp>
#include <capnweb/detail/receiver.hpp>
#include <capnweb/fwd.hpp>
#include <capnweb/promise.hpp>
#include <concepts>
#include <memory>
#include <string_view>
#include <type_traits>
#include <utility>

namespace capnweb {

class RpcTarget;

namespace detail {

// A capability that shows an object's contract T, and nothing else of it (contract.hpp).
template <class T>
HookRef make_contract_target(std::shared_ptr<T> object);
// A capability for a target that takes calls by name (target.hpp).
HookRef make_dynamic_target(std::shared_ptr<RpcTarget> object);

}  // namespace detail

// A reference to an object whose class T has a contract, here or at a peer. Copying it makes
// another reference, destroying the last one releases the object. T may be incomplete until a
// method is called. One thread, that of its session.
//
//   double sum = co_await api->add(5, 3);
template <class T>
class Stub {
 public:
  using Target = T;

  // Empty: may only be assigned to, tested and destroyed.
  Stub() noexcept = default;

  // Makes a local object reachable by what T's contract lists, also where U is a larger class. The
  // object lives as long as any reference to it does.
  template <class U>
    requires std::derived_from<U, T>
  Stub(std::shared_ptr<U> object) : hook_(detail::make_contract_target<T>(std::move(object))) {}
  template <class U>
    requires std::derived_from<U, T>
  Stub(std::unique_ptr<U> object) : Stub(std::shared_ptr<T>(std::move(object))) {}
  // A contract that includes T's.
  template <class U>
    requires(!std::same_as<U, T> && std::derived_from<U, T>)
  Stub(const Stub<U>& stub) noexcept : hook_(stub.hook()) {}

  // The methods and properties of T's contract.
  auto operator->() const {
    return detail::ContractView<detail::rpc_of<T>>(detail::Receiver(hook_));
  }

  // Runs `callback` once at the object, with the promise of it (Promise::map).
  template <class F>
  auto map(F&& callback) const {
    return detail::record_map<Stub>(detail::Receiver(hook_), std::forward<F>(callback));
  }

  // Calls `callback` with the reason when the object cannot be reached any more: its session has
  // ended. Never for a local object. The registration ends when the handle is destroyed.
  [[nodiscard]] std::shared_ptr<void> on_broken(detail::Callback<const Error&> callback) const {
    return detail::watch_broken(hook_, std::move(callback));
  }

  explicit operator bool() const noexcept { return static_cast<bool>(hook_); }
  // As a part of a Value; null if it is empty.
  operator Value() const { return detail::stub_value(hook_); }
  // Whether both are the same reference.
  friend bool operator==(const Stub&, const Stub&) = default;

  // For the library.
  explicit Stub(detail::HookRef hook) noexcept : hook_(std::move(hook)) {}
  const detail::HookRef& hook() const noexcept { return hook_; }

 private:
  detail::HookRef hook_;
};

// A reference to anything, used by names that are known at run time only.
//
//   auto any = co_await dynamic["users"]["alice"].call("greet", "hi", 42, capnweb::Value::null());
template <>
class Stub<void> {
 public:
  using Target = void;

  // Empty: may only be assigned to, tested and destroyed.
  Stub() noexcept = default;

  // A local object: of a class with a contract, or an RpcTarget.
  template <class U>
    requires HasContract<U>
  Stub(std::shared_ptr<U> object) : hook_(detail::make_contract_target<U>(std::move(object))) {}
  template <class U>
    requires(HasContract<U>)
  Stub(std::unique_ptr<U> object) : Stub(std::shared_ptr<U>(std::move(object))) {}
  template <class U>
    requires(std::derived_from<U, RpcTarget> && !HasContract<U>)
  Stub(std::shared_ptr<U> object) : hook_(detail::make_dynamic_target(std::move(object))) {}
  template <class U>
    requires(std::derived_from<U, RpcTarget> && !HasContract<U>)
  Stub(std::unique_ptr<U> object) : Stub(std::shared_ptr<U>(std::move(object))) {}
  template <class U>
    requires(!std::is_void_v<U>)
  Stub(const Stub<U>& stub) noexcept : hook_(stub.hook()) {}
  template <class Signature>
  Stub(const Function<Signature>& function) noexcept : hook_(function.hook()) {}

  // A property, to be awaited, called or sent; asked for when it is used. A number indexes an
  // array; the string "1" does not (C-15).
  Promise<Value> operator[](std::string_view name) const {
    return Promise<Value>(detail::member_of(detail::Receiver(hook_), name));
  }
  Promise<Value> operator[](std::integral auto index) const {
    return Promise<Value>(detail::member_of(detail::Receiver(hook_), static_cast<double>(index)));
  }

  // Calls a method: `stub.call("greet", "hi")`; with its result's type: `stub.call<int>("count")`.
  template <class R = Value, class... A>
  detail::Reply<R, A...> call(std::string_view method, A&&... arguments) const {
    return detail::dynamic_call<R>(detail::Receiver(hook_), method, std::forward<A>(arguments)...);
  }
  // Calls the object itself, as a function.
  template <class... A>
  detail::Reply<Value, A...> operator()(A&&... arguments) const {
    return detail::dynamic_call_self(detail::Receiver(hook_), std::forward<A>(arguments)...);
  }

  // Runs `callback` where the object is: for each element if it stands for an array (Promise::map).
  template <class F>
  auto map(F&& callback) const {
    return detail::record_map<Value>(detail::Receiver(hook_), std::forward<F>(callback));
  }

  // The same reference, used by the contract of T. Nothing is checked: a method that the object
  // does not have fails when it is called.
  template <class T>
  Stub<T> as() const noexcept {
    return Stub<T>(hook_);
  }

  // As for Stub<T>.
  [[nodiscard]] std::shared_ptr<void> on_broken(detail::Callback<const Error&> callback) const {
    return detail::watch_broken(hook_, std::move(callback));
  }
  explicit operator bool() const noexcept { return static_cast<bool>(hook_); }
  operator Value() const { return detail::stub_value(hook_); }
  friend bool operator==(const Stub&, const Stub&) = default;

  // For the library.
  explicit Stub(detail::HookRef hook) noexcept : hook_(std::move(hook)) {}
  const detail::HookRef& hook() const noexcept { return hook_; }

 private:
  detail::HookRef hook_;
};

// Where a stub arrives in a value.
template <class T>
struct Convert<Stub<T>> {
  static constexpr bool kPromiseFree = true;
  static constexpr bool kFailsCleanly = true;
  static Value encode(const Stub<T>& stub) { return stub; }
  static std::optional<Stub<T>> decode(Value&& value, Mismatch& why) {
    if (auto* stub = value.get_if<detail::StubRef>()) return Stub<T>(std::move(stub->hook));
    return why.set("stub", value);
  }
};

// A new object may be sent and returned by smart pointer; who receives it gets a stub.
template <class T>
  requires HasContract<T> || std::derived_from<T, RpcTarget>
struct Convert<std::shared_ptr<T>> {
  static constexpr bool kPromiseFree = true;
  static Value encode(std::shared_ptr<T> object) {
    if (!object) return Value::null();
    if constexpr (HasContract<T>) {
      return Stub<T>(std::move(object));
    } else {
      return Stub<>(std::move(object));
    }
  }
};
template <class T>
  requires HasContract<T> || std::derived_from<T, RpcTarget>
struct Convert<std::unique_ptr<T>> {
  static constexpr bool kPromiseFree = true;
  static Value encode(std::unique_ptr<T> object) {
    return Convert<std::shared_ptr<T>>::encode(std::move(object));
  }
};

}  // namespace capnweb
