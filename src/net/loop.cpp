#include <boost/asio/signal_set.hpp>
#include <capnweb/asio.hpp>
#include <capnweb/detail/blocking.hpp>
#include <capnweb/detail/delivery.hpp>
#include <capnweb/loop.hpp>
#include <csignal>
#include <stdexcept>
#include <utility>

#include "net/loop_core.hpp"

namespace capnweb {

namespace {

// Loops of the thread that are nobody else's context, the latest last.
thread_local Loop* home_loop = nullptr;

// How long run() lets connections say goodbye after the main coroutine has ended.
constexpr std::chrono::milliseconds kFarewell{1000};

[[noreturn]] void throw_no_loop() {
  throw std::logic_error(
      "capnweb: there is no event loop here; call this from a coroutine that runs on one "
      "(capnweb::run), or make a capnweb::Loop on this thread first");
}

// A coroutine that belongs to its loop: destroys itself when it has ended, or is destroyed with the
// loop.
struct Root {
  class promise_type {
   public:
    promise_type(LoopCore& loop, Task<>&, bool*) noexcept : loop_(loop) {}
    Root get_return_object() noexcept { return {handle()}; }
    std::suspend_always initial_suspend() const noexcept { return {}; }
    std::suspend_never final_suspend() noexcept {
      loop_.remove_task(handle());
      return {};
    }
    void return_void() const noexcept {}
    void unhandled_exception() noexcept { loop_.fail(std::current_exception()); }

   private:
    std::coroutine_handle<promise_type> handle() noexcept {
      return std::coroutine_handle<promise_type>::from_promise(*this);
    }
    LoopCore& loop_;
  };

  std::coroutine_handle<promise_type> coroutine;
};

Root run_root(LoopCore& loop, Task<> task, bool* is_done) {
  {
    // Destroyed before the flag is up: the end of what it holds is a part of it.
    const Task<> owned = std::move(task);
    co_await owned;
  }
  if (is_done) {
    *is_done = true;
    loop.own_context()->stop();
  }
}

void start(LoopCore& loop, Task<> task, bool* is_done) {
  const auto root = run_root(loop, std::move(task), is_done).coroutine;
  loop.add_task(root);
  // It may be destroyed with the loop before this runs; then so is the function.
  loop.post([&loop, root] {
    if (loop.has_task(root)) root.resume();
  });
}

// Promise::get() off the loop: runs the thread's loop until the promise has settled.
detail::Outcome run_until_settled(detail::PromiseRef promise) {
  if (LoopCore::current())
    throw std::logic_error(
        "capnweb: get() would block the event loop that it waits for; use co_await or then()");
  detail::Delivery delivery(std::move(promise));
  bool is_done = false;
  const auto done = [](void* flag) noexcept { *static_cast<bool*>(flag) = true; };
  if (delivery.start(done, &is_done)) return delivery.take_outcome();
  if (!home_loop) throw_no_loop();
  boost::asio::io_context& context = *home_loop->core()->own_context();
  while (!is_done)
    if (context.run_one() == 0) {
      context.restart();
      throw std::logic_error("capnweb: the event loop was stopped while get() waited");
    }
  return delivery.take_outcome();
}

void run_context(LoopCore& loop) {
  boost::asio::io_context* const context = loop.own_context();
  if (!context)
    throw std::logic_error(
        "capnweb: this loop lives on an io_context of yours; run that, not the loop");
  if (LoopCore::current())
    throw std::logic_error("capnweb: a loop runs already on this thread; use co_await instead");
  context->run();
}

}  // namespace

Loop::Loop() : Loop(LoopCore::make()) {
  if (!home_loop) home_loop = this;
  detail::set_blocking_wait(&run_until_settled);
}

Loop::Loop(std::shared_ptr<LoopCore> core) : core_(std::move(core)) { core_->set_loop(this); }

Loop make_loop(boost::asio::any_io_executor executor) {
  return Loop(LoopCore::make(std::move(executor)));
}

Loop::~Loop() {
  if (home_loop == this) home_loop = nullptr;
  core_->end();
}

Loop& Loop::current() {
  if (LoopCore* core = LoopCore::current()) return core->loop();
  if (!home_loop) throw_no_loop();
  return *home_loop;
}

void Loop::run() {
  run_context(*core_);
  core_->own_context()->restart();
}

void Loop::stop() {
  if (boost::asio::io_context* context = core_->own_context()) context->stop();
}

void Loop::spawn(Task<> task) { start(*core_, std::move(task), nullptr); }

void Loop::post(detail::Callback<> function) { core_->post(std::move(function)); }

void detail::run_until_done(Loop& loop, Task<> task) {
  LoopCore& core = *loop.core();
  bool is_done = false;
  start(core, std::move(task), &is_done);
  while (!is_done) {
    run_context(core);
    core.own_context()->restart();
  }
  core.run_until_closed(kFarewell);
}

// ---- Awaiting

void SleepAwaiter::await_suspend(std::coroutine_handle<> waiting) {
  waiting_ = waiting;
  Loop::current().core()->set_timer(*this, Clock::now() + duration_);
}

class SignalAwaiter::Handler {
 public:
  explicit Handler(const boost::asio::any_io_executor& executor)
      : signals(executor, SIGINT, SIGTERM) {}
  boost::asio::signal_set signals;
};

SignalAwaiter::SignalAwaiter() = default;
SignalAwaiter::~SignalAwaiter() = default;

void SignalAwaiter::await_suspend(std::coroutine_handle<> waiting) {
  const std::shared_ptr<LoopCore>& loop = Loop::current().core();
  handler_ = std::make_shared<Handler>(loop->executor());
  handler_->signals.async_wait(
      [this, waiting, weak = std::weak_ptr(handler_), weak_loop = std::weak_ptr(loop)](
          const boost::system::error_code& code, int signal) {
        const auto alive = weak_loop.lock();
        if (code || !alive || weak.expired()) return;
        signal_ = signal;
        alive->enter([&] { waiting.resume(); });
      });
}

}  // namespace capnweb
