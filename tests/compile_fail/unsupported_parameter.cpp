// expect: check_parameter.*Calculator::take
#include <capnweb/contract.hpp>

struct Calculator {
#if defined(BAD)
  void take(int*) {}
#else
  void take(int) {}
#endif
  struct Rpc {
    capnweb::Method<&Calculator::take> take;
  };
};

capnweb::Stub<Calculator> serve() { return std::make_shared<Calculator>(); }
