// generator.hpp: running a generator as the source of a stream.
#pragma once

#include <capnweb/detail/hook.hpp>
#include <capnweb/value.hpp>
#include <coroutine>
#include <exception>
#include <memory>
#include <stop_token>

namespace capnweb::detail {

// The part of a generator's promise that does not depend on its chunks.
class GeneratorState {
 public:
  // What runs when the coroutine has paused: at a co_yield, or at its end. It may destroy the
  // coroutine.
  void on_pause(void (*run)(void* context) noexcept, void* context) noexcept {
    run_ = run;
    context_ = context;
  }
  bool is_paused() const noexcept { return is_paused_; }
  void going_on() noexcept { is_paused_ = false; }
  const std::exception_ptr& error() const noexcept { return error_; }

  std::suspend_always initial_suspend() const noexcept { return {}; }
  auto final_suspend() noexcept { return Pause(*this); }
  void unhandled_exception() noexcept { error_ = std::current_exception(); }
  void return_void() const noexcept {}

 protected:
  class Pause {
   public:
    explicit Pause(GeneratorState& state) noexcept : state_(state) {}
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<>) const noexcept {
      state_.is_paused_ = true;
      if (auto* run = state_.run_) run(state_.context_);
    }
    void await_resume() const noexcept {}

   private:
    GeneratorState& state_;
  };

 private:
  void (*run_)(void*) noexcept = nullptr;
  void* context_ = nullptr;
  bool is_paused_ = false;
  std::exception_ptr error_;
};

// A generator whose type is not known, with whatever has to live as long as it.
class GeneratorFrame {
 public:
  GeneratorFrame() = default;
  GeneratorFrame(const GeneratorFrame&) = delete;
  GeneratorFrame& operator=(const GeneratorFrame&) = delete;
  virtual ~GeneratorFrame() = default;

  virtual std::coroutine_handle<> coroutine() const noexcept = 0;
  virtual GeneratorState& state() const noexcept = 0;
  // What was yielded. Throws what its conversion throws.
  virtual Value take_chunk() = 0;
  // Requested when nobody reads any more, while the coroutine waits for something.
  std::stop_token stop_token() const noexcept { return stop_.get_token(); }
  void request_stop() noexcept { stop_.request_stop(); }

 private:
  std::stop_source stop_;
};

// The reading end of a stream that the generator feeds. It runs only when somebody reads.
HookRef make_generator_source(std::unique_ptr<GeneratorFrame> frame);

}  // namespace capnweb::detail
