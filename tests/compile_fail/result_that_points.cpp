// expect: a result of this type would point into freed memory
#include <capnweb/stub.hpp>

#if defined(BAD)
using Name = std::string_view;
#else
using Name = std::string;
#endif

auto use(const capnweb::Stub<>& api) { return api.call<Name>("name").get(); }
