// start.hpp: running coroutines in tests, without a loop.
#pragma once

#include <capnweb/task.hpp>
#include <coroutine>
#include <exception>

namespace capnweb::testing {

struct Detached {
  struct promise_type {
    Detached get_return_object() noexcept { return {}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() noexcept {}
    void unhandled_exception() noexcept { std::terminate(); }
  };
};

// Starts a task at once; it goes on when what it waits for settles. `is_done`, if given, tells
// whether it has ended. An exception that leaves the task ends the test program.
inline Detached start(Task<> task, bool* is_done = nullptr) {
  co_await std::move(task);
  if (is_done) *is_done = true;
}

}  // namespace capnweb::testing
