// wait.cpp: coroutines, callbacks and threads that wait for promises.
#include <atomic>
#include <capnweb/detail/awaiter.hpp>
#include <capnweb/detail/blocking.hpp>
#include <capnweb/detail/receiver.hpp>
#include <capnweb/detail/settlement.hpp>
#include <capnweb/task.hpp>
#include <stdexcept>
#include <utility>

#include "cap/map_recorder.hpp"

namespace capnweb::detail {

void throw_task_not_awaitable() {
  throw std::logic_error("capnweb: this task has been awaited before, or moved from");
}

// ---- Coroutines

namespace {

PromiseRef checked(PromiseRef promise) {
  check_not_empty(promise.hook);
  refuse_placeholder(*promise.hook);
  return promise;
}

void resume(void* coroutine) noexcept { std::coroutine_handle<>::from_address(coroutine).resume(); }

}  // namespace

AwaiterBase::AwaiterBase(PromiseRef promise) : delivery_(checked(std::move(promise))) {}

bool AwaiterBase::await_suspend(std::coroutine_handle<> waiting) {
  return !delivery_.start(&resume, waiting.address());
}

// ---- Callbacks

void Settlement::start(std::unique_ptr<Settlement> settlement, PromiseRef promise) {
  settlement->delivery_ = std::make_unique<Delivery>(checked(std::move(promise)));
  Settlement* waiting = settlement.release();
  const auto done = [](void* self) noexcept { static_cast<Settlement*>(self)->finish(); };
  if (waiting->delivery_->start(done, waiting)) waiting->finish();
}

void Settlement::finish() noexcept {
  const std::unique_ptr<Settlement> self(this);
  Outcome outcome = delivery_->take_outcome();
  delivery_.reset();
  run(std::move(outcome));
}

namespace {

class Ignore final : public Settlement {
  void run(Outcome) override {}
};

}  // namespace

void detach(PromiseRef promise) {
  check_not_empty(promise.hook);
  if (is_being_recorded(*promise.hook)) return;  // in the callback of a map(): nothing runs yet
  Settlement::start(std::make_unique<Ignore>(), std::move(promise));
}

// ---- Threads

namespace {

std::atomic<BlockingWait> installed_wait = nullptr;

Outcome settled_already(PromiseRef promise) {
  Delivery delivery(checked(std::move(promise)));
  if (!delivery.start([](void*) noexcept {}, nullptr))
    throw std::logic_error(
        "capnweb: get() cannot wait here, because no event loop would settle the promise "
        "meanwhile; use co_await or then()");
  return delivery.take_outcome();
}

}  // namespace

BlockingWait set_blocking_wait(BlockingWait wait) noexcept { return installed_wait.exchange(wait); }

Value blocking_get(PromiseRef promise) {
  promise = checked(std::move(promise));
  if (MapRecorder::current())
    throw std::logic_error("capnweb: get() cannot wait in the callback of a map()");
  const BlockingWait wait = installed_wait;
  Outcome outcome = wait ? wait(std::move(promise)) : settled_already(std::move(promise));
  if (outcome.is_error()) throw Error(outcome.error());
  return std::move(outcome.value());
}

}  // namespace capnweb::detail
