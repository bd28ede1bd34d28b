// keyed_hash.hpp: a hash that a peer cannot predict.
#pragma once

#include <cstdint>
#include <string_view>

namespace capnweb {

// SipHash-1-3 under a key drawn once per process: keys chosen by a peer cannot be made to collide,
// so a table of them stays fast.
std::uint64_t keyed_hash(std::string_view text) noexcept;
// The same for a number.
std::uint64_t keyed_hash(std::uint64_t number) noexcept;

}  // namespace capnweb
