// expect: auto promise = stub->method\(...\); co_await promise;
// on: coroutine trap
#include <capnweb/convert.hpp>
#include <capnweb/stub.hpp>

struct User {
  std::string name;
};

capnweb::Task<int> use(capnweb::Stub<> api) {
#if defined(BAD)
  co_return co_await api.call<int>("add", User{"Ada"});
#else
  auto promise = api.call<int>("add", User{"Ada"});
  co_return co_await promise;
#endif
}
