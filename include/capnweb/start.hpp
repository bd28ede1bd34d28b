// start.hpp: running a task on its own.
#pragma once

#include <capnweb/detail/handler.hpp>
#include <capnweb/promise.hpp>
#include <capnweb/task.hpp>
#include <memory>
#include <utility>

namespace capnweb {

namespace detail {

template <class R>
class StartedTask final : public TypedTask<R> {
 public:
  explicit StartedTask(Task<R> task) : task_(std::move(task)) {}

 private:
  const Task<R>& task() const noexcept override { return task_; }
  Task<R> task_;
};

// Starts it; the promise of its result.
HookRef start_task(std::unique_ptr<RunningTask> running);

}  // namespace detail

// Runs a task up to its first suspension, now; from there it goes on by itself, whether or not the
// promise of its result is kept. What a task throws rejects the promise.
template <class T>
Promise<T> start(Task<T> task) {
  return Promise<T>(detail::start_task(std::make_unique<detail::StartedTask<T>>(std::move(task))));
}

}  // namespace capnweb
