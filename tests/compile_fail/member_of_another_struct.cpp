// expect: operator\[\]
#include <capnweb/promise.hpp>

struct User {
  int id;
};
struct Order {
  int id;
};

capnweb::Promise<int> use(const capnweb::Promise<User>& user) {
#if defined(BAD)
  return user[&Order::id];
#else
  return user[&User::id];
#endif
}
