// Some g++ destroy a temporary aggregate twice when the full expression it stands in contains
// co_await. Exits with 1 where that happens, with 0 where it does not.
#include <coroutine>

namespace {

int alive = 0;

struct Counted {
  Counted() { ++alive; }
  Counted(const Counted&) { ++alive; }
  ~Counted() { --alive; }
};

struct Aggregate {
  Counted member;
};

struct Coroutine {
  struct promise_type {
    Coroutine get_return_object() { return {}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() {}
  };
};

struct Awaiter {
  explicit Awaiter(int) {}
  bool await_ready() { return true; }
  void await_suspend(std::coroutine_handle<>) {}
  void await_resume() {}
};

Awaiter call(const Aggregate&) { return Awaiter(0); }

Coroutine run() { co_await call(Aggregate{Counted()}); }

}  // namespace

int main() {
  run();
  return alive == 0 ? 0 : 1;
}
