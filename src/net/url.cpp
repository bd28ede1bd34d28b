#include "net/url.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>

namespace capnweb {
namespace {

char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

bool is_name_character(char c) noexcept {
  const char l = lower(c);
  return (l >= 'a' && l <= 'z') || is_digit(c) || c == '-' || c == '.' || c == '_';
}

// Not a label of it is empty, either.
bool is_name(std::string_view host) {
  return std::all_of(host.begin(), host.end(), is_name_character) && !host.empty() &&
         !host.starts_with('.') && !host.ends_with('.') && host.find("..") == host.npos;
}

bool parse_port(std::string_view text, std::uint16_t& port) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc() && end == text.data() + text.size();
}

std::uint16_t default_port(std::string_view scheme) {
  return scheme == "https" || scheme == "wss" ? 443 : 80;
}

// What browsers escape in a path or query, so that nothing can break the request line.
void append_escaped(std::string& target, char c) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  const auto byte = static_cast<unsigned char>(c);
  if (byte > 0x20 && byte < 0x7f && c != '"' && c != '<' && c != '>') {
    target += c;
  } else {
    target += '%';
    target += kHex[byte >> 4];
    target += kHex[byte & 15];
  }
}

Error bad_url(std::string_view text, std::string_view why) {
  return Error::type_error("Invalid URL '" + std::string(text.substr(0, 200)) +
                           "': " + std::string(why));
}

}  // namespace

std::string to_lower_ascii(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = lower(c);
  return result;
}

bool equal_ignoring_case(std::string_view a, std::string_view b) noexcept {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

std::string bracketed(std::string_view host) {
  std::string result(host);
  return host.find(':') == host.npos ? result : "[" + result + "]";
}

std::string callable_host(std::string_view host) {
  return bracketed(host == "0.0.0.0" || host == "::" ? "localhost" : host);
}

bool is_localhost(std::string_view host) noexcept {
  return host == "localhost" || host.ends_with(".localhost");
}

bool is_ip_literal(std::string_view host) {
  if (host.find('\0') != host.npos) return false;  // where inet_pton would stop
  const std::string text(host);
  in6_addr address;
  return inet_pton(AF_INET, text.c_str(), &address) == 1 ||
         inet_pton(AF_INET6, text.c_str(), &address) == 1;
}

bool parse_host_port(std::string_view text, HostPort& result) {
  std::string_view host = text;
  std::string_view rest;
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    if (end == text.npos) return false;
    host = text.substr(1, end - 1);
    rest = text.substr(end + 1);
    if (host.find(':') == host.npos || !is_ip_literal(host)) return false;
  } else {
    const std::size_t colon = text.find(':');
    host = text.substr(0, colon);
    if (colon != text.npos) rest = text.substr(colon);
    if (host.ends_with('.')) host.remove_suffix(1);
    if (!is_name(host)) return false;
  }
  std::uint16_t port = 0;
  if (!rest.empty() && (rest[0] != ':' || !parse_port(rest.substr(1), port))) return false;
  result.host = to_lower_ascii(host);
  result.port = rest.empty() ? "" : std::to_string(port);
  return true;
}

std::string ServerUrl::authority() const {
  std::string result = bracketed(host);
  if (port != default_port(scheme)) result += ":" + std::to_string(port);
  return result;
}

Expected<ServerUrl> parse_server_url(std::string_view text) {
  ServerUrl url;
  const std::size_t colon = text.find("://");
  if (colon == text.npos) return bad_url(text, "it needs a scheme, as in ws://host:port/path");
  url.scheme = to_lower_ascii(text.substr(0, colon));
  if (url.scheme != "http" && url.scheme != "https" && url.scheme != "ws" && url.scheme != "wss")
    return bad_url(text, "the scheme must be ws, wss, http or https");

  std::string_view rest = text.substr(colon + 3);
  rest = rest.substr(0, rest.find('#'));
  const std::size_t path = rest.find_first_of("/?");
  const std::string_view authority = rest.substr(0, path);
  if (authority.find('@') != authority.npos)
    return bad_url(authority.substr(authority.rfind('@')),
                   "it must not hold a user or password: give an Authorization header");

  HostPort where;
  if (!parse_host_port(authority, where))
    return bad_url(text,
                   "it needs a host, as in ws://example.org:8080/rpc; write international "
                   "names in their xn-- form");
  url.host = where.host;
  url.port = default_port(url.scheme);
  if (!where.port.empty() && (!parse_port(where.port, url.port) || url.port == 0))
    return bad_url(text, "the port must be between 1 and 65535");

  if (path == rest.npos || rest[path] == '?') url.target = "/";
  if (path != rest.npos)
    for (char c : rest.substr(path)) append_escaped(url.target, c);
  return url;
}

}  // namespace capnweb
