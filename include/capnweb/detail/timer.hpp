// timer.hpp: something that happens at a time.
#pragma once

#include <chrono>
#include <cstddef>
#include <vector>

namespace capnweb::detail {

class TimerQueue;

// Destroying a timer cancels it.
class Timer {
 public:
  using Clock = std::chrono::steady_clock;

  Timer() = default;
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;
  bool is_set() const noexcept { return queue_ != nullptr; }
  // REQUIRES: is_set().
  Clock::time_point deadline() const noexcept { return deadline_; }
  void cancel() noexcept;

 protected:
  virtual ~Timer() { cancel(); }

 private:
  friend class TimerQueue;
  // Once, after the deadline; may set the timer anew, or destroy it.
  virtual void on_time(Clock::time_point now) noexcept = 0;

  TimerQueue* queue_ = nullptr;
  std::size_t place_ = 0;
  Clock::time_point deadline_;
};

// Timers by deadline: a heap, so setting and cancelling cost a few moves and no allocation. Owns
// none of them. Those that are left when it is destroyed are cancelled.
class TimerQueue {
 public:
  using Clock = Timer::Clock;

  TimerQueue() = default;
  TimerQueue(const TimerQueue&) = delete;
  TimerQueue& operator=(const TimerQueue&) = delete;
  ~TimerQueue();

  // Sets a timer, in this queue from now on, also if it was set before.
  void set(Timer& timer, Clock::time_point deadline);

  bool empty() const noexcept { return heap_.empty(); }
  // REQUIRES: !empty().
  Clock::time_point next_deadline() const noexcept { return heap_.front()->deadline_; }

  // Runs what is due, in order of deadlines. What it sets for `now` or earlier waits for the next
  // call, so a timer that sets itself again and again cannot hold up the loop.
  void run_due(Clock::time_point now) noexcept;

 private:
  friend class Timer;
  void remove(Timer& timer) noexcept;
  void sift_up(std::size_t place) noexcept;
  void sift_down(std::size_t place) noexcept;
  void put(Timer* timer, std::size_t place) noexcept;

  std::vector<Timer*> heap_;
};

}  // namespace capnweb::detail
