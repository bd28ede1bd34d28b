// expect: Calculator::Rpc.* no member named 'hidden'|no member named 'hidden' in 'Calculator::Rpc'
#include <capnweb/contract.hpp>

struct Calculator {
  double add(double a, double b) { return a + b; }
  void hidden() {}
  struct Rpc {
    capnweb::Method<&Calculator::add> add;
  };
};

void use(const capnweb::Stub<Calculator>& api) {
#if defined(BAD)
  api->hidden().detach();
#else
  api->add(5, 3).detach();
#endif
}
