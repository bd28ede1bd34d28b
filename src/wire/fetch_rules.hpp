// fetch_rules.hpp: what the Fetch standard's constructors refuse (section 1.8 of the rules).
//
// They are held on both sides: what a JavaScript peer would refuse ends the session if it is sent,
// and what it would refuse to make, an application here should not be handed either.
#pragma once

#include <capnweb/value.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace capnweb {

// Members of init objects that travel as plain JSON, in the order in which they are sent (V-47).
inline constexpr std::string_view kRequestMembers[] = {
    "cache",    "redirect",       "integrity", "mode", "credentials",
    "referrer", "referrerPolicy", "keepalive", "cf",   "encodeResponseBody"};
inline constexpr std::string_view kResponseMembers[] = {"cf", "encodeBody"};

// The error for a URL that is not absolute, or whose host or port no parser takes. A check of the
// form: the full WHATWG parser is not here, so a text that passes may still be none (V-45).
std::optional<Error> check_url(std::string_view href);

// Names and values that stand as Latin-1 in HTTP.
std::optional<Error> check_headers(const Headers& headers);
// URL, method and headers, and that a GET or HEAD has no body.
std::optional<Error> check_request(const Request& request);
// Status, its text and headers, and that a status without a body has none (V-51).
std::optional<Error> check_response(const Response& response);

// "get" is GET; only the six methods that the standard names, and not "patch".
std::string normalized_method(std::string_view method);

bool has_body(const Value& body);
// With the type of a body that is text (V-48).
Headers complete_headers(const Headers& headers, const Value& body);
// The bytes of a text as JavaScript encodes them: a lone surrogate is U+FFFD.
Bytes encode_utf8(std::string_view text);

// What a body, and a part of an init object, is refused with.
Error not_a_body(const Value& value);
Error not_plain(const Value& value);

}  // namespace capnweb
