// expect: capnweb: a coroutine as this callback would never run
#include <capnweb/promise.hpp>
#include <capnweb/task.hpp>

void use(const capnweb::Promise<int>& promise) {
#if defined(BAD)
  promise.then([](int) -> capnweb::Task<> { co_return; });
#else
  promise.then([](int) {});
#endif
}
