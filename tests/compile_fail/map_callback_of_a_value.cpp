// expect: capnweb: a map\(\) callback takes the promise of an element
#include <capnweb/promise.hpp>

auto use(const capnweb::Promise<std::vector<int>>& ids) {
#if defined(BAD)
  return ids.map([](int id) { return id; });
#else
  return ids.map([](capnweb::Promise<int> id) { return id; });
#endif
}
