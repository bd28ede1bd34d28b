// serialize.hpp: values as text, without a session.
#pragma once

#include <capnweb/limits.hpp>
#include <capnweb/value.hpp>
#include <string>
#include <string_view>

namespace capnweb {

// The text of a value as it stands in messages; what the reference's serialize() gives.
// Throws Error for capabilities, streams and Blobs, which need a session (V-66).
std::string serialize(const Value& value);

// The value of such a text. Throws Error (SyntaxError, TypeError) for a text that is none, or that
// exceeds `limits`.
Value deserialize(std::string_view text);
Value deserialize(std::string_view text, const Limits& limits);

}  // namespace capnweb
