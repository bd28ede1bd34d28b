// base64.hpp: bytes as text, in the standard alphabet (V-18, V-24).
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace capnweb {

// Appends the text of `bytes`, without padding.
void append_base64(std::string& out, std::span<const std::byte> bytes);

// The bytes of a text with or without padding. Nothing for any other text: white space, the URL
// alphabet, wrong padding, bits left over that are not zero. So every sequence of bytes has only
// these two texts.
std::optional<std::vector<std::byte>> decode_base64(std::string_view text);

}  // namespace capnweb
