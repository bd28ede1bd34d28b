// expect: list them with capnweb::Fields
#include <capnweb/structs.hpp>

struct Named {
  std::string name;
};
#if defined(BAD)
struct User : Named {
  int id;
};
#else
struct User {
  Named named;
  int id;
};
#endif

capnweb::Value send(const User& user) { return capnweb::to_value(user); }
