// expect: Method<.*Calculator::add
#include <capnweb/contract.hpp>

struct Calculator {
  double add(double a, double b) { return a + b; }
  struct Rpc {
    capnweb::Method<&Calculator::add> add;
  };
};

void use(const capnweb::Stub<Calculator>& api) {
#if defined(BAD)
  api->add(5, "x").detach();
#else
  api->add(5, 3).detach();
#endif
}
