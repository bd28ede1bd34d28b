// expect: capnweb: what this map\(\) callback returns cannot cross
#include <capnweb/promise.hpp>

auto use(const capnweb::Promise<std::vector<int>>& ids, int number) {
#if defined(BAD)
  return ids.map([&](auto) { return &number; });
#else
  return ids.map([&](auto) { return number; });
#endif
}
