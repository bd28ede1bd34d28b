// expect: auto promise = stub->method\(...\); co_await promise;
// on: coroutine trap
#include <capnweb/contract.hpp>

struct User {
  std::string name;
};
struct Directory {
  int add(User) { return 1; }
  int twice(int id) { return 2 * id; }
  struct Rpc {
    capnweb::Method<&Directory::add> add;
    capnweb::Method<&Directory::twice> twice;
  };
};

capnweb::Task<int> use(capnweb::Stub<Directory> api) {
#if defined(BAD)
  co_return co_await api->twice(api->add(User{"Ada"}));
#else
  auto added = api->add(User{"Ada"});
  co_return co_await api->twice(added);
#endif
}
