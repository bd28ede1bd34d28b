// expect: check_result.*Calculator::give
#include <capnweb/contract.hpp>

struct Calculator {
#if defined(BAD)
  capnweb::Task<int*> give() { co_return nullptr; }
#else
  capnweb::Task<int> give() { co_return 1; }
#endif
  struct Rpc {
    capnweb::Method<&Calculator::give> give;
  };
};

capnweb::Stub<Calculator> serve() { return std::make_shared<Calculator>(); }
