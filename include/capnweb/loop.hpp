// loop.hpp: the event loop that servers, clients and coroutines run on.
#pragma once

#include <capnweb/detail/callback.hpp>
#include <capnweb/detail/timer.hpp>
#include <capnweb/task.hpp>
#include <chrono>
#include <coroutine>
#include <memory>
#include <optional>
#include <utility>

namespace capnweb {

class LoopCore;

// One thread's event loop. Sessions, stubs and coroutines belong to the loop they were made on, and
// are used on its thread only. Nothing starts threads: several loops are several threads of yours.
//
//   int main() {
//     capnweb::run([]() -> capnweb::Task<> {
//       auto api = co_await capnweb::connect<Calculator>("ws://127.0.0.1:8080/rpc");
//       std::cout << co_await api->add(5, 3) << '\n';
//     }());
//   }
class Loop {
 public:
  // A loop for this thread, run by run(). A program with an Asio io_context of its own uses
  // <capnweb/asio.hpp>, any other event loop a Session by hand (<capnweb/transport.hpp>).
  Loop();
  // Closes what is open on it and destroys its unfinished coroutines. Not from within run().
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  // The loop that runs this code; outside of loops, the one that was made on this thread. Throws
  // std::logic_error if there is none.
  static Loop& current();

  // Runs until stop() is called. Throws what a spawned coroutine did not catch; it may then be run
  // again. Throws std::logic_error inside of another loop, and if the loop is somebody else's
  // io_context.
  void run();

  // Makes run() return soon; if it is not running, the next one returns at once. Any thread.
  void stop();

  // Starts a coroutine on the loop, soon. It belongs to the loop: if it has not ended when the loop
  // is destroyed, it is destroyed then. This loop's thread.
  void spawn(Task<> task);

  // Runs a function on the loop, soon. Any thread.
  void post(detail::Callback<> function);

  // For the library.
  explicit Loop(std::shared_ptr<LoopCore> core);
  const std::shared_ptr<LoopCore>& core() const noexcept { return core_; }

 private:
  std::shared_ptr<LoopCore> core_;
};

namespace detail {

// Starts a coroutine on `loop`, runs the loop until it has ended, and throws what it has thrown.
// Then lets connections that are closing take their leave, for a moment.
void run_until_done(Loop& loop, Task<> task);

template <class T>
Task<> store_result(Task<T> task, std::optional<T>& result) {
  result.emplace(co_await std::move(task));
}

}  // namespace detail

// Makes a loop, runs a coroutine to its end on it, and returns its result or throws its exception:
// what most main()s are. Whatever else was started on the loop ends with it.
template <class T>
T run(Task<T> task) {
  Loop loop;
  if constexpr (std::is_void_v<T>) {
    detail::run_until_done(loop, std::move(task));
  } else {
    std::optional<T> result;
    detail::run_until_done(loop, detail::store_result(std::move(task), result));
    return std::move(*result);
  }
}

// Waits without keeping the loop busy: `co_await capnweb::sleep_for(100ms)`.
class SleepAwaiter final : private detail::Timer {
 public:
  explicit SleepAwaiter(Clock::duration duration) noexcept : duration_(duration) {}
  bool await_ready() const noexcept { return false; }
  // Throws std::logic_error where there is no loop.
  void await_suspend(std::coroutine_handle<> waiting);
  void await_resume() const noexcept {}

 private:
  void on_time(Clock::time_point) noexcept override { waiting_.resume(); }

  Clock::duration duration_;
  std::coroutine_handle<> waiting_;
};
template <class Rep, class Period>
SleepAwaiter sleep_for(std::chrono::duration<Rep, Period> duration) {
  return SleepAwaiter(std::chrono::ceil<std::chrono::steady_clock::duration>(duration));
}

// Waits for SIGINT (Ctrl-C) or SIGTERM and gives its number. While somebody waits the signal does
// not end the process; afterwards the next one does.
class SignalAwaiter {
 public:
  SignalAwaiter();
  ~SignalAwaiter();
  SignalAwaiter(const SignalAwaiter&) = delete;
  SignalAwaiter& operator=(const SignalAwaiter&) = delete;
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> waiting);
  int await_resume() const noexcept { return signal_; }

 private:
  class Handler;
  std::shared_ptr<Handler> handler_;
  int signal_ = 0;
};
inline SignalAwaiter wait_for_signal() { return SignalAwaiter(); }

}  // namespace capnweb
