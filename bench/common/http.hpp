// http.hpp: HTTP/1.1 heads and bodies, between two honest programs on one machine.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace bench::http {

// Takes the head with its empty line off the front; nothing when it has not all arrived.
std::optional<std::string_view> take_head(std::string_view& in);

// The value of a field, whatever the case of its name; empty when there is none.
std::string_view field(std::string_view head, std::string_view name);

// Takes a body off the front into `body`, by its length or in chunks; false when it has not all
// arrived, and then nothing is taken.
bool take_body(std::string_view& in, std::string_view head, std::string& body);

}  // namespace bench::http
