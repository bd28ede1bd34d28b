// task_scope.hpp: who destroys handlers that have not ended.
#pragma once

#include <utility>

namespace capnweb::detail {

// Something that goes on by itself until it has ended, or until its scope does.
class ScopedWork {
 public:
  ScopedWork() = default;
  ScopedWork(const ScopedWork&) = delete;
  ScopedWork& operator=(const ScopedWork&) = delete;

 protected:
  virtual ~ScopedWork() { leave_scope(); }
  // From now on the scope that this thread is in, if any, may end it.
  void join_scope() noexcept;
  void leave_scope() noexcept {
    if (!link_) return;
    *link_ = next_;
    if (next_) next_->link_ = link_;
    link_ = nullptr;
  }

 private:
  friend class TaskScope;
  // The scope ends, and has let go of this already: no more of it may run.
  virtual void scope_ended() noexcept = 0;

  ScopedWork** link_ = nullptr;  // what points at this in the scope's list, or null
  ScopedWork* next_ = nullptr;
};

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
  friend class ScopedWork;
  ScopedWork* first_ = nullptr;
};

}  // namespace capnweb::detail
