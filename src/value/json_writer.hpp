// json_writer.hpp: the leaves of JSON text, appended to a buffer as JSON.stringify prints them.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "value/json_tape.hpp"

namespace capnweb {

// A string with its quotes: JSON.stringify's escapes, lone surrogates as \udxxx, all else raw (V-3,
// V-4). `text` is WTF-8.
void write_json_string(std::string& out, std::string_view text);

// A finite number in JavaScript's shortest form; -0 is 0 (V-7, V-8).
void write_json_number(std::string& out, double number);
void write_json_integer(std::string& out, long long number);

// A parsed value printed again, for error texts: at most `max_bytes`, cut at a character's edge and
// then ended by "..." (L-10, L-11).
std::string quote_json(JsonView value, std::size_t max_bytes = 512);

}  // namespace capnweb
