#include <capnweb/detail/timer.hpp>

namespace capnweb::detail {

void Timer::cancel() noexcept {
  if (queue_) queue_->remove(*this);
}

TimerQueue::~TimerQueue() {
  for (Timer* timer : heap_) timer->queue_ = nullptr;
}

void TimerQueue::set(Timer& timer, Clock::time_point deadline) {
  timer.cancel();
  heap_.push_back(&timer);
  timer.queue_ = this;
  timer.deadline_ = deadline;
  timer.place_ = heap_.size() - 1;
  sift_up(timer.place_);
}

void TimerQueue::run_due(Clock::time_point now) noexcept {
  // What is set anew meanwhile joins the heap only afterwards, or not at all if it is cancelled.
  TimerQueue due;
  while (!empty() && next_deadline() <= now) {
    Timer& timer = *heap_.front();
    const auto deadline = timer.deadline_;
    remove(timer);
    due.set(timer, deadline);
  }
  while (!due.empty()) {
    Timer& timer = *due.heap_.front();
    due.remove(timer);
    timer.on_time(now);
  }
}

void TimerQueue::remove(Timer& timer) noexcept {
  const std::size_t place = timer.place_;
  timer.queue_ = nullptr;
  Timer* last = heap_.back();
  heap_.pop_back();
  if (last == &timer) return;
  put(last, place);
  sift_up(place);
  sift_down(last->place_);
}

void TimerQueue::put(Timer* timer, std::size_t place) noexcept {
  heap_[place] = timer;
  timer->place_ = place;
}

void TimerQueue::sift_up(std::size_t place) noexcept {
  Timer* const timer = heap_[place];
  while (place > 0) {
    const std::size_t parent = (place - 1) / 2;
    if (heap_[parent]->deadline_ <= timer->deadline_) break;
    put(heap_[parent], place);
    place = parent;
  }
  put(timer, place);
}

void TimerQueue::sift_down(std::size_t place) noexcept {
  Timer* const timer = heap_[place];
  for (;;) {
    std::size_t child = 2 * place + 1;
    if (child >= heap_.size()) break;
    if (child + 1 < heap_.size() && heap_[child + 1]->deadline_ < heap_[child]->deadline_) ++child;
    if (timer->deadline_ <= heap_[child]->deadline_) break;
    put(heap_[child], place);
    place = child;
  }
  put(timer, place);
}

}  // namespace capnweb::detail
