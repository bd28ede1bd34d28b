// expect: returns an object with a contract by value
#include <capnweb/contract.hpp>

struct Counter {
  int increment() { return 1; }
  struct Rpc {
    capnweb::Method<&Counter::increment> increment;
  };
};

struct Factory {
#if defined(BAD)
  Counter make() { return {}; }
#else
  std::unique_ptr<Counter> make() { return std::make_unique<Counter>(); }
#endif
  struct Rpc {
    capnweb::Method<&Factory::make> make;
  };
};

capnweb::Stub<Factory> serve() { return std::make_shared<Factory>(); }
