// expect: capnweb: a coroutine as this callback would never run
#include <capnweb/loop.hpp>
#include <capnweb/task.hpp>

void use(capnweb::Loop& loop) {
#if defined(BAD)
  loop.post([]() -> capnweb::Task<> { co_return; });
#else
  loop.post([] {});
#endif
}
