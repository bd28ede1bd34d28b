// receiver.hpp: calling what a stub or promise stands for.
#pragma once

#include <capnweb/detail/hook.hpp>
#include <capnweb/detail/outcome.hpp>
#include <capnweb/value.hpp>
#include <functional>
#include <memory>
#include <string_view>

namespace capnweb::detail {

// The capability or promise that a stub or promise object holds, for the length of an expression.
struct Receiver {
  const HookRef* hook;
  const std::shared_ptr<const Path>* path = nullptr;

  explicit Receiver(const HookRef& h) noexcept : hook(&h) {}
  explicit Receiver(const PromiseRef& promise) noexcept
      : hook(&promise.hook), path(&promise.path) {}
};

// The promise of a method's result. Throws std::logic_error if the stub or promise is empty.
HookRef send_call(Receiver receiver, std::string_view method, Arguments arguments);
// Calls the thing itself, as a function.
HookRef send_call(Receiver receiver, Arguments arguments);

// The promise of a property; nothing is sent before it is used.
PromiseRef member_of(Receiver receiver, std::string_view name);
PromiseRef member_of(Receiver receiver, double index);

// A stub as a part of a Value: null if it is empty.
Value stub_value(const HookRef& hook);

// Throws std::logic_error if `hook` is empty: a default-constructed or moved-from stub or promise.
void check_not_empty(const HookRef& hook);

// Keeps the call alive until it has ended, and drops what it ended with.
void detach(PromiseRef promise);

// Waits until the promise has settled. Throws std::logic_error if that cannot be here.
Value blocking_get(PromiseRef promise);

std::shared_ptr<void> watch_broken(const HookRef& hook, std::function<void(const Error&)> callback);

}  // namespace capnweb::detail
