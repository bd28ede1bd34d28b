// number.hpp: numbers as JavaScript prints and reads them.
#pragma once

#include <cstddef>
#include <string>

namespace capnweb {

// Room for any number print_number prints: "-0.0000012345678901234567".
inline constexpr std::size_t kMaxNumberText = 32;

// Prints what Number::toString gives (V-7) to `out`, which has room for kMaxNumberText characters;
// returns how many it wrote. -0 is "0" (V-8). REQUIRES: `number` is finite.
std::size_t print_number(double number, char* out) noexcept;

// The same as a string, for error texts; also "NaN", "Infinity", "-Infinity".
std::string number_to_string(double number);

// Reads a JSON number that begins at `p`. Returns its end; or null if there is none, and then
// `*stop` is the character that does not belong, or `end`. What no double holds becomes infinite or
// zero, with its sign (V-10).
const char* parse_number(const char* p, const char* end, double& number,
                         const char** stop) noexcept;

}  // namespace capnweb
