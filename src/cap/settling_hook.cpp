#include "cap/settling_hook.hpp"

#include <algorithm>
#include <utility>

#include "cap/path.hpp"

namespace capnweb::detail {

namespace {

// A peer may resolve promise to promise to promise without end (M-48). Each link costs stack when
// the chain is asked for its outcome, so it has a bound far above what honest peers make.
constexpr unsigned kMostLinks = 1000;

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

HookRef SettlingHook::call(PathView path, Arguments arguments) {
  if (state_ == State::kOpen || holds_back_calls()) return open_call(path, std::move(arguments));
  return settled_call(path, std::move(arguments));
}

HookRef SettlingHook::call_plain(std::string_view method, const PlainArguments& arguments) {
  if (state_ == State::kOpen || holds_back_calls()) return nullptr;
  if (state_ == State::kFollowing) return target_->call_plain(method, arguments);
  auto* stub = outcome_.is_error() ? nullptr : outcome_.value().get_if<StubRef>();
  if (!stub) return nullptr;
  const HookRef target = stub->hook;  // whatever the call does to this promise
  return target->call_plain(method, arguments);
}

Written SettlingHook::stream(PathView path, Arguments arguments) {
  if (state_ == State::kOpen || holds_back_calls()) return open_stream(path, std::move(arguments));
  if (state_ == State::kFollowing) return target_->stream(path, std::move(arguments));
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
  if (state_ == State::kFollowing) return target_->call(path, std::move(arguments));
  if (outcome_.is_error()) return HookRef(this);  // the arguments go (C-26)
  return call_in_value(outcome_.value(), path, 0, std::move(arguments));
}

HookRef SettlingHook::settled_get(PathView path) {
  if (state_ == State::kFollowing) return target_->get(path);
  if (outcome_.is_error() || path.empty()) return HookRef(this);
  return get_in_value(outcome_.value(), path);
}

HookRef SettlingHook::settled_map(PathView path, MapProgram program) {
  if (state_ == State::kFollowing) return target_->map(path, std::move(program));
  if (outcome_.is_error()) return HookRef(this);
  return map_in_value(outcome_.value(), path, 0, std::move(program));
}

Outcome* SettlingHook::outcome() {
  switch (state_) {
    case State::kOpen:
      return nullptr;
    case State::kFollowing:
      return target_->outcome();
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
  if (state_ == State::kFollowing) return target_->wait(waiter);
  waiters_.push_back(waiter);
  open_wait();
}

void SettlingHook::settle(Outcome outcome) {
  const HookRef self(this);
  settle_new(std::move(outcome));
  std::vector<const Hook*> needs;
  append_needs(needs);
  if (!needs.empty() && lead_to(std::move(needs), *this)) {
    target_ = nullptr;
    outcome_.data = Error::type_error("A promise can't be resolved with itself.");
    state_ = State::kSettled;
  }
  move_watches();
  release_waiters();
}

void SettlingHook::settle_new(Outcome outcome) {
  outcome_ = std::move(outcome);
  state_ = State::kSettled;
  if (!outcome_.is_error()) follow_root();
}

void SettlingHook::follow_root() {
  auto* promise = outcome_.value().get_if<PromiseRef>();
  if (!promise) return;
  PromiseRef root = std::move(*promise);
  HookRef next = root.path ? root.hook->get(*root.path) : std::move(root.hook);
  if (next->is_stub()) {  // a promise of a plain capability is just that stub
    outcome_.data = Value(StubRef{std::move(next)});
    return;
  }
  auto* promise_hook = dynamic_cast<SettlingHook*>(next.get());
  if (promise_hook) promise_hook->links_ = std::max(promise_hook->links_, links_ + 1);
  if (promise_hook && promise_hook->links_ > kMostLinks) {
    outcome_.data = Error("Too many promises in a row resolved with one another.");
  } else {
    outcome_.data = Value();
    target_ = std::move(next);
    state_ = State::kFollowing;
  }
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
    if (state_ == State::kFollowing) {
      watch->follow(*target_);
    } else if (outcome_.is_error()) {
      watch->fire(outcome_.error());
    } else if (auto* stub = outcome_.value().get_if<StubRef>()) {
      watch->follow(*stub->hook);
    }
  }
}

std::shared_ptr<void> SettlingHook::on_broken(std::function<void(const Error&)> callback) {
  if (state_ == State::kFollowing) return target_->on_broken(std::move(callback));
  if (state_ == State::kSettled && !outcome_.is_error()) {
    auto* stub = outcome_.value().get_if<StubRef>();
    return stub ? stub->hook->on_broken(std::move(callback)) : nullptr;
  }
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
