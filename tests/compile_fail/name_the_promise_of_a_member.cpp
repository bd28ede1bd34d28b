// expect: auto promise = stub->method\(...\); co_await promise;
// on: coroutine trap
#include <capnweb/contract.hpp>

struct User {
  std::string name;
};
struct Directory {
  User echo(User user) { return user; }
  struct Rpc {
    capnweb::Method<&Directory::echo> echo;
  };
};

capnweb::Task<std::string> use(capnweb::Stub<Directory> api) {
#if defined(BAD)
  co_return co_await api->echo(User{"Ada"})[&User::name];
#else
  auto user = api->echo(User{"Ada"});
  co_return co_await user[&User::name];
#endif
}
