#include "cap/write_queue.hpp"

#include <utility>

#include "cap/writable_hook.hpp"

namespace capnweb::detail {

WriteQueue::~WriteQueue() {
  if (!budget_) return;
  for (const Write& write : writes_) budget_->give_back(write.size);
}

HookRef WriteQueue::write(Value chunk) {
  if (error_) return make_rejected(*error_);
  if (state_ != State::kOpen) return make_rejected(stream_is_closed());
  std::size_t size = 0;
  if (budget_) {
    size = estimate_size(chunk);
    if (!budget_->take(size)) {
      fail(budget_->exceeded());
      return make_rejected(*error_);
    }
  }
  writes_.push_back({.chunk = std::move(chunk), .done = {}, .size = size});
  last_ = writes_.back().done.promise();
  return last_;
}

HookRef WriteQueue::close() {
  if (error_) return make_rejected(stream_is_closed());
  if (state_ != State::kOpen) return make_rejected(stream_is_closing());
  state_ = State::kClosing;
  close_.emplace();
  return close_->promise();
}

HookRef WriteQueue::ready() const { return last_ && !last_->outcome() ? last_ : nullptr; }

HookRef WriteQueue::ended() {
  if (error_) return make_rejected(*error_);
  if (state_ == State::kClosed) return make_resolved({});
  if (!ended_ || !ended_->is_wanted()) ended_.emplace();
  return ended_->promise();
}

WriteQueue::Write WriteQueue::take() {
  Write write = std::move(writes_.front());
  writes_.pop_front();
  if (budget_) budget_->give_back(std::exchange(write.size, 0));
  return write;
}

void WriteQueue::finish_close() {
  state_ = State::kClosed;
  last_ = nullptr;
  if (close_) close_->resolve({});
  if (ended_) ended_->resolve({});
}

void WriteQueue::fail(Error error) {
  state_ = State::kFailed;
  error_ = std::move(error);
  last_ = nullptr;
  while (!writes_.empty()) take().done.reject(*error_);
  if (close_) close_->reject(*error_);
  if (ended_) ended_->reject(*error_);
}

}  // namespace capnweb::detail
