// expect: parameters of this method must be values or const references
#include <capnweb/contract.hpp>

struct Calculator {
#if defined(BAD)
  void take(std::string& text) { text.clear(); }
#else
  void take(const std::string&) {}
#endif
  struct Rpc {
    capnweb::Method<&Calculator::take> take;
  };
};

capnweb::Stub<Calculator> serve() { return std::make_shared<Calculator>(); }
