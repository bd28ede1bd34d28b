// expect: a member of a struct must own its data
#include <capnweb/structs.hpp>

struct Name {
#if defined(BAD)
  std::string_view text;
#else
  std::string text;
#endif
};

Name receive(const capnweb::Value& value) { return capnweb::from_value<Name>(value); }
