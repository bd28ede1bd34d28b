// expect: deleted
#include <capnweb/contract.hpp>

struct Calculator {
  double add(double a, double b) { return a + b; }
  struct Rpc {
    capnweb::Method<&Calculator::add> add;
  };
};

void use(const capnweb::Stub<Calculator>& api) {
#if defined(BAD)
  auto add = api->add;  // would point into the temporary that -> made
#else
  auto add = [&api](double a, double b) { return api->add(a, b); };
#endif
  add(1, 2).detach();
}
