// task_scope.hpp: who destroys handlers that have not ended.
#pragma once

namespace capnweb::detail {

class RunningTask;

// What handlers' tasks belong to while they run: an event loop. Whoever ends the loop destroys the
// scope, and with it the tasks that have not ended. Tasks that were started outside of every scope
// are destroyed by nobody but themselves. One thread.
class TaskScope {
 public:
  TaskScope() = default;
  TaskScope(const TaskScope&) = delete;
  TaskScope& operator=(const TaskScope&) = delete;
  ~TaskScope() { destroy_tasks(); }

  // Destroys the tasks that have not ended; their callers' promises reject.
  void destroy_tasks() noexcept;

  // As long as it lives, tasks that start on this thread belong to `scope`.
  class Enter {
   public:
    explicit Enter(TaskScope& scope) noexcept;
    ~Enter();
    Enter(const Enter&) = delete;
    Enter& operator=(const Enter&) = delete;

   private:
    TaskScope* outer_;
  };

 private:
  friend class RunningTask;
  RunningTask* first_ = nullptr;
};

}  // namespace capnweb::detail
