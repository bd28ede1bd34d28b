// expect: auto promise = stub->method\(...\); co_await promise;
// on: coroutine trap
#include <capnweb/contract.hpp>

struct User {
  std::string name;
};
struct Directory {
  int add(User) { return 1; }
  struct Rpc {
    capnweb::Method<&Directory::add> add;
  };
};

capnweb::Task<int> use(capnweb::Stub<Directory> api) {
  const User user{"Ada"};
  const int first = co_await api->add(user);
#if defined(BAD)
  const int second = co_await api->add(User{"Ada"});
#else
  auto promise = api->add(User{"Ada"});
  const int second = co_await promise;
#endif
  co_return first + second;
}
