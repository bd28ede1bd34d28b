// expect: Point.* decomposes into|type 'const Point' binds to
#include <capnweb/structs.hpp>

struct Point {
#if defined(BAD)
  double at[2];
#else
  std::array<double, 2> at;
#endif
  int id;
};

capnweb::Value send(const Point& point) { return capnweb::to_value(point); }
