// expect: give this enum an underlying type
#include <capnweb/structs.hpp>

#if defined(BAD)
enum Colour { kRed, kGreen };
#else
enum Colour : int { kRed, kGreen };
#endif

capnweb::Value send(Colour colour) { return capnweb::to_value(colour); }
