// handler.cpp: the part of running a handler that depends on no type.
#include <capnweb/detail/handler.hpp>
#include <capnweb/start.hpp>
#include <exception>
#include <string>
#include <utility>

namespace capnweb::detail {

Value bad_argument(const IncomingCall& call, std::size_t index, const Mismatch& why) {
  std::string text(call.type);
  if (!call.info.name.empty()) text.append(".").append(call.info.name);
  text.append(" argument ").append(std::to_string(index + 1));
  if (index < call.info.parameters.size())
    text.append(" (").append(call.info.parameters[index]).append(")");
  text.append(why.path).append(": expected ").append(why.expected).append(", got ").append(why.got);
  return Value(PromiseRef{make_rejected(Error::type_error(std::move(text)))});
}

Value& argument_at(Array& arguments, std::size_t index, Value& undefined) {
  if (index < arguments.size()) return arguments[index];
  undefined = Value();
  return undefined;
}

namespace {

thread_local TaskScope* current_scope = nullptr;

}  // namespace

TaskScope::Enter::Enter(TaskScope& scope) noexcept : outer_(std::exchange(current_scope, &scope)) {}

TaskScope::Enter::~Enter() { current_scope = outer_; }

void TaskScope::destroy_tasks() noexcept {
  while (ScopedWork* const work = first_) {
    work->leave_scope();
    work->scope_ended();
  }
}

void ScopedWork::join_scope() noexcept {
  if (!current_scope) return;
  link_ = &current_scope->first_;
  next_ = *link_;
  if (next_) next_->link_ = &next_;
  *link_ = this;
}

Resolver& RunningTask::resolver() {
  if (!resolver_) resolver_.emplace();
  return *resolver_;
}

Value RunningTask::start(std::unique_ptr<RunningTask> running) {
  const std::coroutine_handle<> coroutine = running->coroutine();
  coroutine.resume();
  if (coroutine.done()) return running->take_result();
  running->state().on_end(&ended, running.get());
  running->join_scope();
  running->lease_ = CallMeter::Lease::take();
  return Value(PromiseRef{running.release()->resolver().promise()});
}

void RunningTask::ended(void* context) noexcept {
  std::unique_ptr<RunningTask> running(static_cast<RunningTask*>(context));
  Outcome outcome;
  if (const std::exception_ptr& error = running->state().error()) {
    outcome.data = Error::from_exception(error);
  } else {
    try {
      outcome.data = running->take_result();
    } catch (...) {
      outcome.data = Error::from_exception(std::current_exception());
    }
  }
  Resolver resolver = std::move(running->resolver());
  const Ref<CallMeter> meter = running->lease_.meter();
  running.reset();
  const CallMeter::Scope metered(meter);
  if (outcome.is_error()) {
    resolver.reject(std::move(std::get<Error>(outcome.data)));
  } else {
    resolver.resolve(std::move(outcome.value()));
  }
}

HookRef start_task(std::unique_ptr<RunningTask> running) {
  try {
    return make_resolved(RunningTask::start(std::move(running)));
  } catch (...) {
    return make_rejected(Error::from_exception(std::current_exception()));
  }
}

}  // namespace capnweb::detail
