// function.hpp: functions that travel, as references like objects.
#pragma once

#include <capnweb/detail/callable.hpp>
#include <capnweb/detail/callback.hpp>
#include <capnweb/detail/contract_table.hpp>
#include <capnweb/stub.hpp>
#include <concepts>
#include <functional>
#include <memory>
#include <type_traits>
#include <utility>

namespace capnweb {

namespace detail {

// Calls a function object of type F, whose result may be a Task.
template <class F, class... A>
struct FunctionCall {
  using Result = std::invoke_result_t<F&, A...>;
  static Result call(void* function, A&&... arguments) {
    return std::invoke(*static_cast<F*>(function), static_cast<A&&>(arguments)...);
  }
  static void invoke(IncomingCall& incoming) { Handler<Result(A...)>::run(incoming, &call); }

  static constexpr MethodInfo kInfo{.name = {}};
  static constexpr Row kRow{.name = {}, .info = &kInfo, .invoke = &invoke};
  static constexpr ContractTable kTable{.type = "callback", .rows = {&kRow, 1}};
};

template <class F, class... A>
HookRef make_function_target(F function) {
  return make_table_target(std::make_shared<F>(std::move(function)), FunctionCall<F, A...>::kTable);
}

// The signature of a function object with one call operator, for Function's deduction guide.
template <class F>
concept OneCallOperator = requires { &F::operator(); };
template <class F>
using call_signature = typename Signature<decltype(&F::operator())>::type;
// What R(A...) is to the other side: a Task is its result.
template <class Sig>
struct FunctionSignature;
template <class R, class... A>
struct FunctionSignature<R(A...)> {
  using type = answer<R>(A...);
};

}  // namespace detail

// A reference to a function: what a handler receives as a callback, and what a lambda or
// std::function becomes when it is sent. Handlers of calls may return values or tasks. The function
// lives as long as any reference to it does.
//
//   capnweb::Task<double> twice(capnweb::Function<double(int)> f) {
//     double once = co_await f(1);
//     co_return once + co_await f(2);
//   }
template <class R, class... A>
class Function<R(A...)> {
 public:
  using Result = detail::answer<R>;

  // Empty: may only be assigned to, tested and destroyed.
  Function() noexcept = default;

  template <class F>
    requires(!std::same_as<std::remove_cvref_t<F>, Function> &&
             std::is_invocable_v<std::remove_cvref_t<F>&, A...>)
  Function(F&& function)
      : hook_(
            detail::make_function_target<std::remove_cvref_t<F>, A...>(std::forward<F>(function))) {
  }

  // Calls it. For callbacks whose end nobody waits for: `f(1).detach()`.
  detail::Reply<Result, detail::Plain<A>...> operator()(detail::Plain<A>... arguments) const {
    return send<detail::Plain<A>...>(std::forward<detail::Plain<A>>(arguments)...);
  }
  // With promises in the place of values; trailing optional arguments left out.
  template <class... B>
    requires(detail::Wire<A...>::template accepts<B...>())
  detail::Reply<Result, B...> operator()(B&&... arguments) const {
    return send<B...>(std::forward<B>(arguments)...);
  }

  // As for Stub.
  [[nodiscard]] std::shared_ptr<void> on_broken(detail::Callback<const Error&> callback) const {
    return detail::watch_broken(hook_, std::move(callback));
  }
  explicit operator bool() const noexcept { return static_cast<bool>(hook_); }
  operator Value() const { return detail::stub_value(hook_); }
  friend bool operator==(const Function&, const Function&) = default;

  // For the library.
  explicit Function(detail::HookRef hook) noexcept : hook_(std::move(hook)) {}
  const detail::HookRef& hook() const noexcept { return hook_; }

 private:
  template <class... B>
  detail::Reply<Result, B...> send(B&&... arguments) const {
    return detail::Reply<Result, B...>(detail::send_call(
        detail::Receiver(hook_), detail::Wire<A...>::encode(std::forward<B>(arguments)...)));
  }

  detail::HookRef hook_;
};

template <class F>
  requires detail::OneCallOperator<F>
Function(F) -> Function<typename detail::FunctionSignature<detail::call_signature<F>>::type>;

template <class Signature>
struct Convert<Function<Signature>> {
  static constexpr bool kPromiseFree = true;
  static constexpr bool kFailsCleanly = true;
  static Value encode(const Function<Signature>& function) { return function; }
  static std::optional<Function<Signature>> decode(Value&& value, Mismatch& why) {
    if (auto* stub = value.get_if<detail::StubRef>())
      return Function<Signature>(std::move(stub->hook));
    return why.set("function", value);
  }
};

// Lambdas whose parameters have types may be sent without a Function around them.
template <class F>
  requires(detail::is_closure<F>() && detail::OneCallOperator<F>)
struct Convert<F> {
  static constexpr bool kPromiseFree = true;
  static Value encode(F function) { return Function(std::move(function)); }
};
template <class Signature>
struct Convert<std::function<Signature>> {
  static constexpr bool kPromiseFree = true;
  static Value encode(std::function<Signature> function) { return Function(std::move(function)); }
};

}  // namespace capnweb
