// fetch_members.hpp: the members of init objects that travel as they are, in their order (V-47).
#pragma once

#include <string_view>

namespace capnweb {

inline constexpr std::string_view kRequestMembers[] = {
    "cache",    "redirect",       "integrity", "mode", "credentials",
    "referrer", "referrerPolicy", "keepalive", "cf",   "encodeResponseBody"};
inline constexpr std::string_view kResponseMembers[] = {"cf", "encodeBody"};

}  // namespace capnweb
