// expect: capnweb: RPC map\(\) callbacks cannot be async
#include <capnweb/contract.hpp>

struct Directory {
  std::string name(int id) { return std::to_string(id); }
  struct Rpc {
    capnweb::Method<&Directory::name> name;
  };
};

auto use(const capnweb::Promise<std::vector<int>>& ids, capnweb::Stub<Directory> api) {
#if defined(BAD)
  return ids.map([&](auto id) -> capnweb::Task<std::string> { co_return co_await api->name(id); });
#else
  return ids.map([&](auto id) { return api->name(id); });
#endif
}
