// loop_core.hpp: what the net room shares on one event loop.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <capnweb/detail/task_scope.hpp>
#include <capnweb/detail/timer.hpp>
#include <chrono>
#include <coroutine>
#include <cstddef>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <unordered_set>

#include "cap/turn.hpp"
#include "net/intrusive_list.hpp"
#include "net/io_scratch.hpp"

namespace capnweb {

class Loop;
class LoopExchange;
class LoopGate;

// Something that collects output during a turn and sends it when the turn ends.
class Flushable : public ListLink {
 public:
  Flushable() = default;
  Flushable(const Flushable&) = delete;
  Flushable& operator=(const Flushable&) = delete;

 protected:
  ~Flushable() = default;

 private:
  friend class LoopCore;
  virtual void flush() noexcept = 0;
};

// Something with sockets on a loop. It must let go of them when the loop ends.
class LoopMember : public ListLink {
 public:
  LoopMember() = default;
  LoopMember(const LoopMember&) = delete;
  LoopMember& operator=(const LoopMember&) = delete;

 protected:
  ~LoopMember() = default;

 private:
  friend class LoopCore;
  // Closes everything; runs in a turn. The link is gone already; may destroy this.
  virtual void on_loop_end() noexcept = 0;
};

// What makes turns by reading from outside. Whoever is fed by such a turn and can take no more may
// hold it: put its link into a list of its own, until it calls read_on().
class Source : public ListLink {
 public:
  Source() = default;
  Source(const Source&) = delete;
  Source& operator=(const Source&) = delete;
  bool is_held() const noexcept { return is_linked(); }
  // The link is gone already. In a turn.
  virtual void read_on() noexcept = 0;

 protected:
  ~Source() = default;
};

// An event loop: an Asio executor with one thread (or strand), the turns on it, and one timer.
//
// Whatever Asio calls goes through enter(), which makes it one turn: promises that settled in it
// drain, and then every connection that has output sends it with one system call. Connections hold
// the core by shared_ptr: it outlives the public Loop until the last handler is gone, but nothing
// enters it any more.
class LoopCore : public std::enable_shared_from_this<LoopCore> {
 public:
  using Clock = std::chrono::steady_clock;

  // A loop with an io_context of its own.
  static std::shared_ptr<LoopCore> make();
  // On somebody else's context or strand.
  static std::shared_ptr<LoopCore> make(boost::asio::any_io_executor executor);
  static const std::shared_ptr<LoopCore>& of(Loop& loop) noexcept;
  // The public handle. REQUIRES: there is one.
  Loop& loop() const noexcept { return *loop_; }
  void set_loop(Loop* loop) noexcept { loop_ = loop; }
  // The loop whose turn this thread is in, or null.
  static LoopCore* current() noexcept;

  ~LoopCore();

  const boost::asio::any_io_executor& executor() const noexcept { return executor_; }
  // Null if the context is somebody else's.
  boost::asio::io_context* own_context() noexcept { return context_ ? &*context_ : nullptr; }

  // Runs `body` as a turn; from within a turn of this loop it simply runs. Not at all once the loop
  // has ended. Exceptions pass through, after the end of the turn.
  template <class F>
  void enter(F&& body) {
    if (has_ended_) return;
    const TurnScope turn(*this);
    body();
  }

  // Runs a function in a turn of its own, later. Any thread.
  void post(std::function<void()> function);

  // `flushable` is flushed when the turn ends; outside of a turn, soon. Loop thread.
  void flush_later(Flushable& flushable);

  // Whose input this turn handles. REQUIRES: it lives until the turn has ended or is forgotten.
  void set_source(Source& source) noexcept { source_ = &source; }
  void forget_source(const Source& source) noexcept {
    if (source_ == &source) source_ = nullptr;
  }
  // Holds it, if there is one.
  void hold_source(IntrusiveList& held) noexcept {
    if (source_ && !source_->is_held()) held.push_back(*source_);
  }

  // The way to this loop from other threads. Loop thread; made on first use, as is the next.
  const std::shared_ptr<LoopGate>& gate();
  // What this loop shares with others.
  LoopExchange& exchange();

  void add_member(LoopMember& member) noexcept { members_.push_back(member); }

  // Sets a timer. Loop thread.
  void set_timer(detail::Timer& timer, Clock::time_point deadline);

  // A connection has begun to say goodbye to its peer, or is done with it: whoever ends the loop
  // may wait for that a little.
  void closing_begun() noexcept { ++closing_; }
  void closing_done() noexcept;
  // REQUIRES: own_context(), which does not run.
  void run_until_closed(std::chrono::milliseconds patience);

  // The exception that ended a task, for whoever runs the loop: thrown when the turn ends.
  void fail(std::exception_ptr exception) noexcept;

  // Coroutines that run on their own; destroyed if they have not ended when the loop does.
  void add_task(std::coroutine_handle<> task) { tasks_.insert(task.address()); }
  void remove_task(std::coroutine_handle<> task) noexcept { tasks_.erase(task.address()); }
  bool has_task(std::coroutine_handle<> task) const { return tasks_.contains(task.address()); }

  // Buffers that connections share.
  IoScratch& scratch();

  // Ends the loop: tasks are destroyed, members close, nothing enters any more. Loop thread,
  // outside of its turns.
  void end() noexcept;
  bool has_ended() const noexcept { return has_ended_; }

 private:
  class TurnScope {
   public:
    explicit TurnScope(LoopCore& loop);
    // Throws what a task of the turn left behind.
    ~TurnScope() noexcept(false);
    TurnScope(const TurnScope&) = delete;
    TurnScope& operator=(const TurnScope&) = delete;

   private:
    LoopCore* loop_;  // null if nested
    LoopCore* outer_ = nullptr;
    std::optional<detail::TaskScope::Enter> handlers_;
    std::optional<detail::Turn> turn_;
  };

  LoopCore(std::unique_ptr<boost::asio::io_context> context, boost::asio::any_io_executor executor);
  void end_turn() noexcept;
  void arm_timer();
  void on_timer();

  using Work = boost::asio::executor_work_guard<boost::asio::io_context::executor_type>;

  std::unique_ptr<boost::asio::io_context> context_;
  std::optional<Work> work_;  // so that the context stops only when it is told to
  boost::asio::any_io_executor executor_;
  Loop* loop_ = nullptr;
  std::optional<boost::asio::steady_timer> alarm_;
  detail::TimerQueue timers_;
  Clock::time_point alarm_set_for_ = Clock::time_point::max();
  bool is_leaving_ = false;
  bool has_ended_ = false;
  bool flush_is_posted_ = false;
  IntrusiveList to_flush_;
  IntrusiveList members_;
  std::size_t closing_ = 0;
  std::unordered_set<void*> tasks_;
  detail::TaskScope handlers_;  // of calls that have not ended
  std::exception_ptr failure_;
  std::unique_ptr<IoScratch> scratch_;
  Source* source_ = nullptr;
  std::shared_ptr<LoopGate> gate_;
  std::unique_ptr<LoopExchange> exchange_;
};

}  // namespace capnweb
