// expect: Method<.*Calculator::add
#include <capnweb/contract.hpp>

struct Calculator {
  double add(double a, double b) { return a + b; }
  std::string name() { return ""; }
  struct Rpc {
    capnweb::Method<&Calculator::add> add;
    capnweb::Method<&Calculator::name> name;
  };
};

void use(const capnweb::Stub<Calculator>& api) {
#if defined(BAD)
  api->add(5, api->name()).detach();
#else
  api->add(5, api->add(1, 2)).detach();
#endif
}
