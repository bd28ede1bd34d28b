// sha1.hpp: the hash in WebSocket handshakes, where it protects nothing.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace capnweb {

std::array<std::byte, 20> sha1(std::string_view text);

}  // namespace capnweb
