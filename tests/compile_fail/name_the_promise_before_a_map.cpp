// expect: auto promise = stub->method\(...\); co_await promise;
// on: coroutine trap
#include <capnweb/contract.hpp>

struct User {
  std::string name;
};
struct Directory {
  std::vector<int> friends(User) { return {}; }
  struct Rpc {
    capnweb::Method<&Directory::friends> friends;
  };
};

capnweb::Task<> use(capnweb::Stub<Directory> api) {
#if defined(BAD)
  co_await api->friends(User{"Ada"}).map([](auto id) { return id; });
#else
  auto friends = api->friends(User{"Ada"});
  co_await friends.map([](auto id) { return id; });
#endif
}
