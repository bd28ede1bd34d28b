// convert.hpp: conversions between C++ types and Values.
//
// Decoding is validation: a value that does not fit is refused with what was expected and what
// came. To teach the library a type of your own, specialise capnweb::Convert (conversion.hpp).
#pragma once

#include <capnweb/detail/conversion.hpp>
#include <capnweb/detail/convert_containers.hpp>
#include <capnweb/detail/convert_numbers.hpp>
#include <capnweb/detail/convert_values.hpp>
#include <capnweb/structs.hpp>
