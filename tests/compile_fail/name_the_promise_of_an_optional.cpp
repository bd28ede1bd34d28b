// expect: auto promise = stub->method\(...\); co_await promise;
// on: coroutine trap
#include <capnweb/contract.hpp>

struct User {
  std::string name;
};
struct Directory {
  int add(std::optional<User>) { return 1; }
  struct Rpc {
    capnweb::Method<&Directory::add> add;
  };
};

capnweb::Task<int> use(capnweb::Stub<Directory> api) {
#if defined(BAD)
  co_return co_await api->add(std::optional<User>(User{"Ada"}));
#else
  auto promise = api->add(std::optional<User>(User{"Ada"}));
  co_return co_await promise;
#endif
}
