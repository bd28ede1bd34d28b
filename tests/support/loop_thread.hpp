// loop_thread.hpp: an event loop with a thread of its own, for tests.
#pragma once

#include <gtest/gtest.h>

#include <capnweb/loop.hpp>
#include <exception>
#include <future>
#include <memory>
#include <thread>
#include <type_traits>
#include <utility>

namespace capnweb::testing {

class LoopThread {
 public:
  LoopThread() {
    std::promise<Loop*> made;
    auto loop = made.get_future();
    thread_ = std::thread([&made] {
      Loop own;
      made.set_value(&own);
      own.run();
    });
    loop_ = loop.get();
  }
  ~LoopThread() { stop(); }
  LoopThread(const LoopThread&) = delete;
  LoopThread& operator=(const LoopThread&) = delete;

  // Ends the loop, on its thread.
  void stop() {
    if (!thread_.joinable()) return;
    begin_to_stop();
    thread_.join();
  }
  void begin_to_stop() {
    if (!std::exchange(is_stopping_, true)) loop_->stop();
  }

  Loop& loop() const noexcept { return *loop_; }
  std::thread::id id() const noexcept { return thread_.get_id(); }

  // Runs a function on the loop and waits for its result; it must not throw. A Task that it gives
  // is run to its end.
  template <class F>
  auto run(F function) {
    using Result = std::invoke_result_t<F&>;
    if constexpr (requires { typename Result::promise_type; }) {
      return run_task(function);
    } else {
      auto done = std::make_shared<std::promise<Result>>();
      auto result = done->get_future();
      loop_->post([&function, done] {
        if constexpr (std::is_void_v<Result>) {
          function();
          done->set_value();
        } else {
          done->set_value(function());
        }
      });
      return result.get();
    }
  }

 private:
  template <class F>
  void run_task(F& function) {
    auto done = std::make_shared<std::promise<void>>();
    auto result = done->get_future();
    loop_->post([this, &function, done] { loop_->spawn(finish(function, done)); });
    result.get();
  }
  template <class F>
  static Task<> finish(F& function, std::shared_ptr<std::promise<void>> done) {
    try {
      co_await function();
    } catch (const std::exception& exception) {
      ADD_FAILURE() << exception.what();
    }
    done->set_value();
  }

  Loop* loop_ = nullptr;
  bool is_stopping_ = false;
  std::thread thread_;
};

}  // namespace capnweb::testing
