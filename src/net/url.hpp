// url.hpp: the addresses of servers.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "value/expected.hpp"

namespace capnweb {

// A URL that a client can connect to: http, https, ws or wss.
struct ServerUrl {
  std::string scheme;  // lower case, without the colon
  std::string host;    // lower case; an IPv6 literal without its brackets
  std::uint16_t port = 0;
  std::string target;  // path and query as the request line has them: "/rpc?x=1"

  bool is_secure() const noexcept { return scheme == "https" || scheme == "wss"; }
  bool is_websocket() const noexcept { return scheme == "ws" || scheme == "wss"; }
  // For the Host header: brackets around IPv6, the port unless it is the scheme's own.
  std::string authority() const;
};

// As it stands in a URL: an IPv6 address has brackets.
std::string bracketed(std::string_view host);
// The same of a server that listens there: at all addresses it can be called at localhost.
std::string callable_host(std::string_view host);

// "localhost" and "x.localhost", in lower case: always this machine (RFC 6761).
bool is_localhost(std::string_view host) noexcept;

// The error says what is wrong with the text and what to write instead.
Expected<ServerUrl> parse_server_url(std::string_view text);

// A host with an optional port, as it stands in Host headers and origins.
struct HostPort {
  std::string host;  // lower case, no trailing dot, no brackets
  std::string port;  // digits, or empty
  friend bool operator==(const HostPort&, const HostPort&) = default;
};

// False if `text` is no "host" or "host:port": untrusted headers come through here.
bool parse_host_port(std::string_view text, HostPort& result);

// Whether `host`, without brackets, is an IPv4 or IPv6 address.
bool is_ip_literal(std::string_view host);

// "a" for 'A'; other bytes, also of UTF-8, as they are.
std::string to_lower_ascii(std::string_view text);
bool equal_ignoring_case(std::string_view a, std::string_view b) noexcept;

}  // namespace capnweb
