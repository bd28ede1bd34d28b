#include "cap/write_queue.hpp"

#include <capnweb/detail/call_meter.hpp>
#include <utility>

#include "cap/copy_cost.hpp"
#include "cap/writable_hook.hpp"

namespace capnweb::detail {

namespace {

// What a write takes besides its chunk, about.
constexpr std::size_t kCost = 256;

void give_back(WriteQueue::Write& write) {
  if (const auto budget = std::move(write.budget)) budget->give_back(write.size);
}

}  // namespace

WriteQueue::~WriteQueue() {
  while (!writes_.empty()) take();
}

HookRef WriteQueue::write(Value chunk) {
  if (error_) return refuse(*error_);
  if (state_ != State::kOpen) return make_rejected(stream_is_closed());
  Ref<StreamBudget> budget = CallMeter::streams();
  const std::size_t size = budget ? kCost + copy_cost(chunk) : 0;
  if (budget && !budget->take(size)) {
    fail(budget->exceeded());
    return refuse(*error_);
  }
  writes_.push_back(
      {.chunk = std::move(chunk), .done = {}, .budget = std::move(budget), .size = size});
  writes_.back().done.set_needs(owner_);
  last_ = writes_.back().done.promise();
  return last_;
}

HookRef WriteQueue::close() {
  if (error_) return refuse(stream_is_closed());
  if (state_ != State::kOpen) return make_rejected(stream_is_closing());
  state_ = State::kClosing;
  close_.emplace();
  close_->set_needs(owner_);
  return close_->promise();
}

HookRef WriteQueue::ready() const { return last_ && !last_->outcome() ? last_ : nullptr; }

HookRef WriteQueue::ended() {
  if (error_) return make_rejected(*error_);
  if (state_ == State::kClosed) return make_resolved({});
  if (!ended_ || !ended_->is_wanted()) ended_.emplace();
  ended_->set_needs(owner_);
  return ended_->promise();
}

void WriteQueue::append_references(std::vector<const Hook*>& out) const {
  for (const Write& write : writes_) detail::append_references(write.chunk, out);
}

WriteQueue::Write WriteQueue::take() {
  Write write = std::move(writes_.front());
  writes_.pop_front();
  give_back(write);
  return write;
}

void WriteQueue::finish_close(const HookRef& done) {
  state_ = State::kClosed;
  last_ = nullptr;
  if (close_) close_->resolve(done ? Value(PromiseRef{done}) : Value());
  if (ended_) ended_->resolve({});
}

Value WriteQueue::begin() {
  Write write = take();
  begun_ = std::move(write.done);
  return std::move(write.chunk);
}

void WriteQueue::finish(const Error* error) {
  Resolver done = *std::exchange(begun_, std::nullopt);
  if (error) {
    done.reject(*error);
  } else {
    done.resolve({});
  }
  if (state_ == State::kFailed) reject_waiting();
}

// What comes after the failure is answered behind what came before it.
HookRef WriteQueue::refuse(Error error) {
  if (!begun_) return make_rejected(std::move(error));
  refused_.emplace_back(Resolver(), std::move(error));
  refused_.back().first.set_needs(owner_);
  return refused_.back().first.promise();
}

void WriteQueue::reject_waiting() {
  for (Write& write : std::exchange(writes_, {})) write.done.reject(*error_);
  if (auto close = std::exchange(close_, std::nullopt)) close->reject(*error_);
  for (auto& [done, error] : std::exchange(refused_, {})) done.reject(std::move(error));
}

void WriteQueue::fail(Error error) {
  state_ = State::kFailed;
  error_ = std::move(error);
  last_ = nullptr;
  std::vector<Value> lost;  // let go when all is consistent
  for (Write& write : writes_) {
    lost.push_back(std::move(write.chunk));
    give_back(write);
  }
  if (!begun_) reject_waiting();
  if (ended_) ended_->reject(*error_);
}

}  // namespace capnweb::detail
