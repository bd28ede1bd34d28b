// expect: an argument of this type cannot cross
#include <capnweb/stub.hpp>

void use(const capnweb::Stub<>& api, int number) {
#if defined(BAD)
  api.call("take", &number).detach();
#else
  api.call("take", number).detach();
#endif
}
