#include "cap/settling_hook.hpp"

#include <algorithm>
#include <utility>

#include "cap/path.hpp"

namespace capnweb::detail {

namespace {

// A peer may resolve promise to promise to promise without end (M-48). Each link costs time
// whenever the chain is asked for its outcome, so it has a bound far above what honest peers make.
constexpr unsigned kMostLinks = 1000;

constexpr const char* kWithItself = "A promise can't be resolved with itself.";

}  // namespace

void BrokenWatch::fire(const Error& reason) noexcept {
  auto callback = std::exchange(callback_, nullptr);
  if (!callback) return;
  try {
    callback(reason);
  } catch (...) {
    // Like an exception of a disposer, it never reaches the protocol (O-22).
  }
}

void BrokenWatch::follow(Hook& hook) {
  if (!callback_) return;
  next_ = hook.on_broken(std::exchange(callback_, nullptr));
}

Hook* SettlingHook::passed_to() const {
  if (state_ == State::kFollowing) return target_.get();
  if (state_ == State::kOpen || outcome_.is_error()) return nullptr;
  const auto* stub = outcome_.value().get_if<StubRef>();
  return stub ? stub->hook.get() : nullptr;
}

HookRef SettlingHook::last(Hook& hook, Step step, unsigned* steps) {
  Hook* last = &hook;
  while (SettlingHook* promise = last->as_settling()) {
    Hook* const next = (promise->*step)();
    if (!next) break;
    last = next;
    if (steps) ++*steps;
  }
  return HookRef(last);
}

HookRef SettlingHook::call(PathView path, Arguments arguments) {
  if (state_ == State::kOpen || holds_back_calls()) return open_call(path, std::move(arguments));
  return settled_call(path, std::move(arguments));
}

HookRef SettlingHook::call_plain(std::string_view method, const PlainArguments& arguments) {
  if (state_ == State::kOpen || holds_back_calls()) return nullptr;
  Hook* const next = passed_to();
  return next ? last(*next, &SettlingHook::next_callee)->call_plain(method, arguments) : nullptr;
}

Written SettlingHook::stream(PathView path, Arguments arguments) {
  if (state_ == State::kOpen || holds_back_calls()) return open_stream(path, std::move(arguments));
  if (state_ == State::kFollowing)
    return last(*target_, &SettlingHook::next_promise)->stream(path, std::move(arguments));
  return {settled_call(path, std::move(arguments))};
}

Written SettlingHook::open_stream(PathView path, Arguments arguments) {
  return {open_call(path, std::move(arguments))};
}

HookRef SettlingHook::get(PathView path) {
  if (state_ == State::kOpen || holds_back_calls()) return open_get(path);
  return settled_get(path);
}

HookRef SettlingHook::map(PathView path, MapProgram program) {
  if (state_ == State::kOpen || holds_back_calls()) return open_map(path, std::move(program));
  return settled_map(path, std::move(program));
}

HookRef SettlingHook::settled_call(PathView path, Arguments arguments) {
  if (Hook* next = passed_to())
    return last(*next, &SettlingHook::next_callee)->call(path, std::move(arguments));
  if (outcome_.is_error()) return HookRef(this);  // the arguments go (C-26)
  return call_in_value(outcome_.value(), path, 0, std::move(arguments));
}

HookRef SettlingHook::settled_get(PathView path) {
  if (path.empty()) {
    const bool follows = state_ == State::kFollowing;
    return follows ? last(*target_, &SettlingHook::next_promise)->get(path) : HookRef(this);
  }
  if (Hook* next = passed_to()) return last(*next, &SettlingHook::next_callee)->get(path);
  if (outcome_.is_error()) return HookRef(this);
  return get_in_value(outcome_.value(), path);
}

HookRef SettlingHook::settled_map(PathView path, MapProgram program) {
  if (Hook* next = passed_to())
    return last(*next, &SettlingHook::next_callee)->map(path, std::move(program));
  if (outcome_.is_error()) return HookRef(this);
  return map_in_value(outcome_.value(), path, 0, std::move(program));
}

Outcome* SettlingHook::outcome() {
  switch (state_) {
    case State::kOpen:
      return nullptr;
    case State::kFollowing:
      return last(*target_, &SettlingHook::followed)->outcome();
    case State::kSettled:
      break;
  }
  return &outcome_;
}

bool SettlingHook::owns_outcome() noexcept {
  Hook* hook = this;
  while (hook->is_unique()) {
    SettlingHook* promise = hook->as_settling();
    if (!promise || promise->state_ != State::kFollowing) return true;
    hook = promise->target_.get();
  }
  return false;
}

void SettlingHook::wait(Waiter& waiter) {
  if (state_ == State::kFollowing) return last(*target_, &SettlingHook::followed)->wait(waiter);
  waiters_.push_back(waiter);
  open_wait();
}

void SettlingHook::settle(Outcome outcome) {
  const HookRef self(this);
  settle_new(std::move(outcome));
  refuse_circle();
  move_watches();
  release_waiters();
}

void SettlingHook::refuse_circle() {
  const HookRef end = last(*this, &SettlingHook::followed);
  std::vector<const Hook*> needs;
  if (const SettlingHook* promise = end->as_settling()) promise->append_needs(needs);
  if (needs.empty()) return;
  if (auto error = find_circle(std::move(needs), *this, kWithItself)) {
    target_ = nullptr;
    outcome_.data = *std::move(error);
    state_ = State::kSettled;
  }
}

void SettlingHook::settle_new(Outcome outcome) {
  outcome_ = std::move(outcome);
  state_ = State::kSettled;
  if (!outcome_.is_error()) follow_root();
}

void SettlingHook::follow_root() {
  Value& root = outcome_.value();
  HookRef next;
  // The root is emptied first: a chain that leads back to this ends here.
  if (auto* promise = root.get_if<PromiseRef>()) {
    const PromiseRef taken = std::move(*promise);
    root = Value();
    next =
        last(taken.path ? *taken.hook->get(*taken.path) : *taken.hook, &SettlingHook::next_promise);
  } else if (auto* stub = root.get_if<StubRef>()) {
    next = last(*std::exchange(stub->hook, nullptr), &SettlingHook::next_callee);
  } else {
    return;
  }
  if (auto error = join(*next)) {
    outcome_.data = *std::move(error);
  } else if (root.get_if<StubRef>() || next->is_stub()) {
    root = Value(StubRef{std::move(next)});  // a promise of a plain capability is just that stub
  } else {
    target_ = std::move(next);
    state_ = State::kFollowing;
  }
}

std::optional<Error> SettlingHook::join(Hook& next) {
  unsigned links = links_ + 1;
  const HookRef end = last(next, &SettlingHook::passed_to, &links);
  SettlingHook* const promise = end->as_settling();
  if (!promise) return std::nullopt;
  if (promise == this) return Error::type_error(kWithItself);
  promise->links_ = std::max(promise->links_, links);
  if (links <= kMostLinks) return std::nullopt;
  return Error("Too many promises in a row resolved with one another.");
}

void SettlingHook::append_needs(std::vector<const Hook*>& out) const {
  switch (state_) {
    case State::kOpen:
      append_open_needs(out);
      break;
    case State::kFollowing:
      out.push_back(target_.get());
      break;
    case State::kSettled:
      if (outcome_.is_error()) {
        append_references(outcome_.error(), out);
      } else {
        append_references(outcome_.value(), out);
      }
      break;
  }
}

void SettlingHook::release_waiters() {
  if (state_ == State::kFollowing && !target_->outcome()) {
    while (!waiters_.empty()) target_->wait(*waiters_.pop_front());
    return;
  }
  Turn::add(waiters_);
}

void SettlingHook::move_watches() {
  auto watches = std::exchange(watches_, {});
  for (auto& weak : watches) {
    auto watch = weak.lock();
    if (!watch) continue;
    if (Hook* next = passed_to()) {
      watch->follow(*next);
    } else if (outcome_.is_error()) {
      watch->fire(outcome_.error());
    }
  }
}

void SettlingHook::caller_gone() {
  SettlingHook* promise = this;
  while (promise->is_unique()) {  // those that somebody else has are wanted still
    Hook* const next = promise->followed();
    if (!next) return promise->abandoned();
    promise = next->as_settling();
    if (!promise) return;
  }
}

std::shared_ptr<void> SettlingHook::on_broken(std::function<void(const Error&)> callback) {
  if (Hook* next = passed_to())
    return last(*next, &SettlingHook::passed_to)->on_broken(std::move(callback));
  if (state_ == State::kSettled && !outcome_.is_error()) return nullptr;
  auto watch = std::make_shared<BrokenWatch>(std::move(callback));
  if (state_ == State::kSettled) {
    watch->fire(outcome_.error());
  } else {
    watches_.push_back(watch);
    open_watch(watch);
  }
  return watch;
}

}  // namespace capnweb::detail
