// awaiter.hpp: a coroutine that waits for a promise.
#pragma once

#include <capnweb/detail/conversion.hpp>
#include <capnweb/detail/delivery.hpp>
#include <coroutine>
#include <utility>

namespace capnweb::detail {

// A class with a constructor, not an aggregate: g++ 12.2 would destroy it twice
// (docs/compilers.md).
class AwaiterBase {
 public:
  explicit AwaiterBase(PromiseRef promise);
  AwaiterBase(const AwaiterBase&) = delete;
  AwaiterBase& operator=(const AwaiterBase&) = delete;

  bool await_ready() const noexcept { return false; }
  // False when the outcome is there at once: a loop of such awaits does not grow the stack.
  bool await_suspend(std::coroutine_handle<> waiting);

 protected:
  Delivery delivery_;
};

template <class T>
class Awaiter : public AwaiterBase {
 public:
  using AwaiterBase::AwaiterBase;
  T await_resume() { return decode_result<T>(delivery_.take()); }
};

}  // namespace capnweb::detail
