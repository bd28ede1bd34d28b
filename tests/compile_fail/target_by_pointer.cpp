// expect: take a capnweb::Stub
#include <capnweb/contract.hpp>

struct Counter {
  int increment() { return 1; }
  struct Rpc {
    capnweb::Method<&Counter::increment> increment;
  };
};

struct User {
#if defined(BAD)
  void use(std::shared_ptr<Counter>) {}
#else
  void use(capnweb::Stub<Counter>) {}
#endif
  struct Rpc {
    capnweb::Method<&User::use> use;
  };
};

capnweb::Stub<User> serve() { return std::make_shared<User>(); }
