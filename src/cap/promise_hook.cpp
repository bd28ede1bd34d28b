#include "cap/promise_hook.hpp"

#include <utility>

#include "cap/path.hpp"

namespace capnweb::detail {

// Tells the handler, from the turn's queue, that its caller is gone.
struct Resolver::State final : Waiter, Recycled<Resolver::State> {
  PromiseHook* promise = nullptr;
  HookRef first;  // until somebody asks for the promise
  std::unique_ptr<std::stop_source> stop;
  const Needs* needs = nullptr;
  bool abandoned = false;

  void on_settled() noexcept override {
    if (stop) stop->request_stop();
  }
};

void PromiseHook::resolve(Outcome outcome) {
  const HookRef self(this);
  settle(std::move(outcome));
  if (queue_) Turn::add(*this);
}

HookRef PromiseHook::enqueue(PathView path, std::variant<Get, Arguments, MapProgram> what) {
  if (CallMeter::is_full()) return make_rejected(CallMeter::refusal());
  if (!queue_) {
    queue_ = std::make_unique<std::deque<Queued>>();
    self_while_queued_ = HookRef(this);
  }
  Resolver result;
  result.state_->promise->queued_on_ = this;
  HookRef promise = result.promise();
  queue_->push_back({Path(path.begin(), path.end()), std::move(what), std::move(result),
                     CallMeter::Lease::take()});
  return promise;
}

HookRef PromiseHook::open_call(PathView path, Arguments arguments) {
  return enqueue(path, std::move(arguments));
}

HookRef PromiseHook::open_get(PathView path) {
  if (path.empty()) return HookRef(this);
  return enqueue(path, Get{});
}

HookRef PromiseHook::open_map(PathView path, MapProgram program) {
  return enqueue(path, std::move(program));
}

HookRef PromiseHook::deliver(Queued call) {
  call.lease = {};  // it does not wait any more
  if (auto* arguments = std::get_if<Arguments>(&call.what))
    return settled_call(call.path, std::move(*arguments));
  if (auto* program = std::get_if<MapProgram>(&call.what))
    return settled_map(call.path, std::move(*program));
  return settled_get(call.path);
}

void PromiseHook::on_settled() noexcept {
  const HookRef self = std::exchange(self_while_queued_, nullptr);
  // A handler that runs here may call again: such calls join the queue, so the order holds.
  while (!queue_->empty()) {
    Queued call = std::move(queue_->front());
    queue_->pop_front();
    const CallMeter::Scope metered(call.lease.meter());
    Resolver result = std::move(call.result);
    result.resolve(PromiseRef{deliver(std::move(call))});
  }
  queue_.reset();
}

// ---- Resolver

void PromiseHook::tell_resolver() noexcept {
  if (!resolver_) return;
  resolver_->abandoned = true;
  if (resolver_->stop && !resolver_->is_waiting()) Turn::add(*resolver_);
}

void PromiseHook::append_open_needs(std::vector<const Hook*>& out) const {
  if (queued_on_) out.push_back(queued_on_);
  if (resolver_ && resolver_->needs) resolver_->needs->append_needs(out);
}

void PromiseHook::last_ref_gone() noexcept {
  tell_resolver();
  if (resolver_) resolver_->promise = nullptr;
  destroy();
}

Resolver::Resolver() : state_(std::make_unique<State>()) {
  auto promise = make_ref<PromiseHook>();
  promise->resolver_ = state_.get();
  state_->promise = promise.get();
  state_->first = std::move(promise);
}

Resolver::Resolver(Resolver&& other) noexcept = default;

Resolver& Resolver::operator=(Resolver&& other) noexcept {
  drop();
  state_ = std::move(other.state_);
  return *this;
}

Resolver::~Resolver() { drop(); }

void Resolver::drop() noexcept {
  if (is_wanted()) reject(Error("The promise was dropped by who had to resolve it."));
}

HookRef Resolver::promise() const {
  HookRef promise(state_->promise);
  state_->first = nullptr;
  return promise;
}

void Resolver::resolve(Value value) { settle({std::move(value)}); }

void Resolver::reject(Error error) { settle({std::move(error)}); }

bool Resolver::is_wanted() const noexcept { return state_ && state_->promise; }

void Resolver::settle(Outcome outcome) {
  PromiseHook* promise = std::exchange(state_->promise, nullptr);
  if (!promise) return;
  promise->resolver_ = nullptr;
  const HookRef first = std::move(state_->first);
  // What takes its place has no caller either.
  auto* next = outcome.is_error() ? nullptr : outcome.value().get_if<PromiseRef>();
  if (state_->abandoned && next) next->hook->caller_gone();
  promise->resolve(std::move(outcome));
}

void Resolver::set_needs(const Needs* needs) { state_->needs = needs; }

std::stop_token Resolver::stop_token() {
  if (!state_->stop) {
    state_->stop = std::make_unique<std::stop_source>();
    if (state_->abandoned) state_->stop->request_stop();
  }
  return state_->stop->get_token();
}

// ---- settled promises

HookRef make_resolved(Value value) {
  if (auto* promise = value.get_if<PromiseRef>()) {
    HookRef hook = promise->path ? promise->hook->get(*promise->path) : promise->hook;
    if (!hook->is_stub()) return hook;
    value = Value(StubRef{std::move(hook)});
  }
  auto promise = make_ref<PromiseHook>();
  if (value.get_if<StubRef>()) {
    promise->settle_new(Outcome{std::move(value)});
  } else {
    promise->settle_new(std::move(value));
  }
  return promise;
}

HookRef make_rejected(Error error) {
  auto promise = make_ref<PromiseHook>();
  promise->settle_new(Outcome{std::move(error)});
  return promise;
}

}  // namespace capnweb::detail
