#include "net/loop_core.hpp"

#include <boost/asio/post.hpp>
#include <boost/system/error_code.hpp>
#include <capnweb/loop.hpp>
#include <utility>

#include "net/loop_exchange.hpp"
#include "net/loop_gate.hpp"

namespace capnweb {

namespace {

thread_local LoopCore* current_loop = nullptr;

}  // namespace

// ---- Turns

LoopCore::TurnScope::TurnScope(LoopCore& loop) : loop_(current_loop == &loop ? nullptr : &loop) {
  if (!loop_) return;
  outer_ = std::exchange(current_loop, loop_);
  handlers_.emplace(loop_->handlers_);
  turn_.emplace();
}

LoopCore::TurnScope::~TurnScope() noexcept(false) {
  if (!loop_) return;
  const std::shared_ptr<LoopCore> loop = loop_->shared_from_this();
  turn_.reset();
  loop->end_turn();
  current_loop = outer_;
  if (loop->failure_ && std::uncaught_exceptions() == 0)
    std::rethrow_exception(std::exchange(loop->failure_, nullptr));
}

void LoopCore::end_turn() noexcept {
  while (!to_flush_.empty()) {
    const detail::Turn turn;
    while (!to_flush_.empty()) static_cast<Flushable&>(to_flush_.pop_front()).flush();
  }
  source_ = nullptr;
  arm_timer();
}

LoopCore* LoopCore::current() noexcept { return current_loop; }

void LoopCore::post(std::function<void()> function) {
  // Not an owner: what is posted to a loop that does not run any more must not keep it.
  boost::asio::post(executor_, [weak = weak_from_this(), function = std::move(function)] {
    if (const auto self = weak.lock()) self->enter(function);
  });
}

void LoopCore::flush_later(Flushable& flushable) {
  if (!flushable.is_linked()) to_flush_.push_back(flushable);
  if (current_loop == this || std::exchange(flush_is_posted_, true)) return;
  post([this] { flush_is_posted_ = false; });
}

void LoopCore::fail(std::exception_ptr exception) noexcept {
  if (!failure_) failure_ = std::move(exception);
}

// ---- Timers

void LoopCore::set_timer(detail::Timer& timer, Clock::time_point deadline) {
  timers_.set(timer, deadline);
  if (current_loop != this) arm_timer();
}

// One alarm for all timers. When the earliest moves to later the alarm is left as it is: ringing
// once in vain costs less than setting it each time.
void LoopCore::arm_timer() {
  if (has_ended_ || timers_.empty() || timers_.next_deadline() >= alarm_set_for_) return;
  alarm_set_for_ = timers_.next_deadline();
  if (!alarm_) alarm_.emplace(executor_);
  alarm_->expires_at(alarm_set_for_);
  alarm_->async_wait([weak = weak_from_this()](const boost::system::error_code& code) {
    const auto self = weak.lock();
    if (self && !code) self->on_timer();
  });
}

void LoopCore::on_timer() {
  alarm_set_for_ = Clock::time_point::max();
  enter([this] { timers_.run_due(Clock::now()); });
}

// ---- Beginning and end

LoopCore::LoopCore(std::unique_ptr<boost::asio::io_context> context,
                   boost::asio::any_io_executor executor)
    : context_(std::move(context)), executor_(std::move(executor)) {
  if (context_) work_.emplace(context_->get_executor());
}

LoopCore::~LoopCore() = default;

std::shared_ptr<LoopCore> LoopCore::make() {
  // One thread runs it; others may still post.
  auto context = std::make_unique<boost::asio::io_context>(1);
  boost::asio::any_io_executor executor = context->get_executor();
  return std::shared_ptr<LoopCore>(new LoopCore(std::move(context), std::move(executor)));
}

std::shared_ptr<LoopCore> LoopCore::make(boost::asio::any_io_executor executor) {
  return std::shared_ptr<LoopCore>(new LoopCore(nullptr, std::move(executor)));
}

const std::shared_ptr<LoopCore>& LoopCore::of(Loop& loop) noexcept { return loop.core(); }

IoScratch& LoopCore::scratch() {
  if (!scratch_) scratch_ = std::make_unique<IoScratch>();
  return *scratch_;
}

const std::shared_ptr<LoopGate>& LoopCore::gate() {
  if (!gate_) {
    gate_ = std::make_shared<LoopGate>(*this);
    if (has_ended_) gate_->close();
  }
  return gate_;
}

LoopExchange& LoopCore::exchange() {
  if (!exchange_) exchange_ = std::make_unique<LoopExchange>(*this);
  return *exchange_;
}

void LoopCore::closing_done() noexcept {
  if (--closing_ == 0 && is_leaving_) context_->stop();
}

void LoopCore::run_until_closed(std::chrono::milliseconds patience) {
  if (closing_ == 0) return;
  is_leaving_ = true;
  context_->restart();
  context_->run_for(patience);
  is_leaving_ = false;
}

void LoopCore::end() noexcept {
  const std::shared_ptr<LoopCore> alive = weak_from_this().lock();
  gate()->close();  // one that is only made now would outlive us open
  try {
    enter([this] {
      // Coroutines first: they hold stubs, whose ends want to be told to peers.
      while (!tasks_.empty()) {
        const auto task = std::coroutine_handle<>::from_address(*tasks_.begin());
        tasks_.erase(tasks_.begin());
        task.destroy();
      }
      handlers_.destroy_tasks();
    });
    enter([this] {
      while (!members_.empty()) static_cast<LoopMember&>(members_.pop_front()).on_loop_end();
    });
    has_ended_ = true;
    alarm_.reset();
    work_.reset();
    // What was cancelled has handlers waiting, which hold what they would have worked on.
    if (context_) {
      context_->restart();
      context_->poll();
    }
  } catch (...) {
    // Nobody is left to hear of it.
    has_ended_ = true;
  }
}

}  // namespace capnweb
