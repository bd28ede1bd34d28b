// expect: auto promise = stub->method\(...\); co_await promise;
// on: coroutine trap
#include <capnweb/contract.hpp>

capnweb::Task<> use(capnweb::Promise<std::vector<int>> ids, std::string tag) {
#if defined(BAD)
  co_await ids.map([tag](auto id) { return std::pair(id, tag); });
#else
  auto pairs = ids.map([tag](auto id) { return std::pair(id, tag); });
  co_await pairs;
  co_await ids.map([&](auto id) { return std::pair(id, tag); });
#endif
}
