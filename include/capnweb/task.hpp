// task.hpp: the coroutine type of handlers and of everything else that waits.
#pragma once

#include <capnweb/detail/call_memory.hpp>
#include <capnweb/fwd.hpp>
#include <coroutine>
#include <exception>
#include <optional>
#include <type_traits>
#include <utility>

namespace capnweb {

namespace detail {

[[noreturn]] void throw_task_not_awaitable();

// The part of a task's promise that does not depend on its result.
class TaskState : public CallMemory {
 public:
  // What runs when the coroutine has ended; it may destroy the coroutine.
  void on_end(void (*run)(void* context) noexcept, void* context) noexcept {
    run_ = run;
    context_ = context;
  }
  const std::exception_ptr& error() const noexcept { return error_; }

  std::suspend_always initial_suspend() const noexcept { return {}; }
  auto final_suspend() noexcept { return End(*this); }
  void unhandled_exception() noexcept { error_ = std::current_exception(); }

 private:
  class End {
   public:
    explicit End(TaskState& state) noexcept : state_(state) {}
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<>) const noexcept {
      if (auto* run = state_.run_) run(state_.context_);
    }
    void await_resume() const noexcept {}

   private:
    TaskState& state_;
  };

  void (*run_)(void*) noexcept = nullptr;
  void* context_ = nullptr;
  std::exception_ptr error_;
};

template <class T>
class TaskResult : public TaskState {
 public:
  template <class U = T>
    requires std::is_convertible_v<U, T>
  void return_value(U&& value) {
    value_.emplace(std::forward<U>(value));
  }
  T take() {
    if (error()) std::rethrow_exception(error());
    return std::move(*value_);
  }

 private:
  std::optional<T> value_;
};

template <>
class TaskResult<void> : public TaskState {
 public:
  void return_void() const noexcept {}
  void take() const {
    if (error()) std::rethrow_exception(error());
  }
};

// Waits for a task: starts it, and is resumed by its end. A task that ends without suspending
// resumes nobody: await_suspend says "go on", so a loop of such tasks does not grow the stack.
template <class Promise>
class TaskAwaiter {
 public:
  explicit TaskAwaiter(std::coroutine_handle<Promise> task) noexcept : task_(task) {}
  bool await_ready() const {
    if (!task_ || task_.done()) throw_task_not_awaitable();
    return false;
  }
  bool await_suspend(std::coroutine_handle<> waiting) const {
    task_.resume();
    if (task_.done()) return false;
    const auto resume = [](void* address) noexcept {
      std::coroutine_handle<>::from_address(address).resume();
    };
    task_.promise().on_end(resume, waiting.address());
    return true;
  }
  decltype(auto) await_resume() const { return task_.promise().take(); }

 private:
  std::coroutine_handle<Promise> task_;
};

}  // namespace detail

// A coroutine with a result. It starts when it is awaited, once, and belongs to the Task object:
// destroying that destroys the coroutine, finished or not. Exceptions reach who awaits it. One
// thread.
//
//   capnweb::Task<int> twice(capnweb::Stub<Counter> counter) {
//     co_await counter->increment(1);
//     co_return co_await counter->increment(1);
//   }
template <class T>
class [[nodiscard]] Task {
 public:
  static_assert(!std::is_reference_v<T>, "capnweb: a Task's result is a value");
  using Result = T;

  class promise_type : public detail::TaskResult<T> {
   public:
    Task get_return_object() noexcept {
      return Task(std::coroutine_handle<promise_type>::from_promise(*this));
    }
  };

  Task(Task&& other) noexcept : coroutine_(std::exchange(other.coroutine_, nullptr)) {}
  Task& operator=(Task&& other) noexcept {
    std::swap(coroutine_, other.coroutine_);
    return *this;
  }
  ~Task() {
    if (coroutine_) coroutine_.destroy();
  }

  // Throws std::logic_error if it was awaited before or moved from.
  auto operator co_await() const noexcept { return detail::TaskAwaiter(coroutine_); }

  // For the library.
  std::coroutine_handle<promise_type> handle() const noexcept { return coroutine_; }

 private:
  explicit Task(std::coroutine_handle<promise_type> coroutine) noexcept : coroutine_(coroutine) {}
  std::coroutine_handle<promise_type> coroutine_;
};

}  // namespace capnweb
