// data_rules.hpp: what JavaScript's dates, typed arrays and numbers can hold, on both ways, and how
// deep values may be and what errors tell on their way out.
#pragma once

#include <capnweb/bytes.hpp>
#include <capnweb/error.hpp>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace capnweb {

// Levels of the values that are sent. Fixed, as in the reference (L-5).
inline constexpr std::size_t kMaxSentDepth = 256;
Error too_deep_to_send();

// What a peer learns of an exception that is no Error: its text was written for our own logs.
inline constexpr std::string_view kForeignText = "internal error";

// A time as a Date has it: whole milliseconds, cut towards zero; NaN beyond 8.64e15 on either side
// (V-17).
double time_clip(double milliseconds) noexcept;

// The error for bytes that are not a whole number of their container's elements (V-23).
std::optional<Error> check_alignment(const Bytes& bytes);

// Prints a number of JSON so that it is read as the same number again: -0 keeps its sign, and what
// is infinite (V-10) stays so. REQUIRES: it is not NaN.
void write_exact_number(std::string& out, double number);

}  // namespace capnweb
