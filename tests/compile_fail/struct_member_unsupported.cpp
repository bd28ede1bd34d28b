// expect: a member of this struct has a type that cannot cross
#include <capnweb/structs.hpp>

struct Point {
#if defined(BAD)
  int* id;
#else
  int id;
#endif
};

capnweb::Value send(const Point& point) { return capnweb::to_value(point); }
