#include "wire/fetch_rules.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>

#include "value/utf.hpp"

namespace capnweb {

namespace {

constexpr std::size_t kQuotedBytes = 128;  // of a text in an error

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return lower(c) >= 'a' && lower(c) <= 'z'; }

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) { return lower(x) == lower(y); });
}

template <std::size_t kSize>
bool is_one_of(std::string_view text, const std::array<std::string_view, kSize>& known) {
  return std::ranges::any_of(known, [&](auto name) { return equal_ignoring_case(text, name); });
}

Error type_error(std::string text, std::string_view about) {
  text += clip_bytes(about, kQuotedBytes);
  return Error::type_error(std::move(text));
}

// What stands before the first colon, if that can be a scheme.
std::optional<std::string_view> find_scheme(std::string_view url) {
  const std::size_t colon = url.find(':');
  if (colon == std::string_view::npos || colon == 0 || !is_letter(url[0])) return std::nullopt;
  const std::string_view scheme = url.substr(0, colon);
  const bool is_legal = std::ranges::all_of(scheme, [](char c) {
    return is_letter(c) || is_digit(c) || c == '+' || c == '-' || c == '.';
  });
  return is_legal ? std::optional(scheme) : std::nullopt;
}

bool is_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return text.empty() || (error == std::errc() && end == text.data() + text.size());
}

bool is_host_char(char c) {
  return static_cast<unsigned char>(c) > ' ' && c != 0x7f &&
         std::string_view("<>[]^|").find(c) == std::string_view::npos;
}

// "example.com", "example.com:80", "[::1]:80".
bool is_host_and_port(std::string_view text) {
  if (text.starts_with('[')) {
    const std::size_t close = text.find(']');
    if (close == std::string_view::npos || close == 1) return false;
    const std::string_view port = text.substr(close + 1);
    return port.empty() || (port[0] == ':' && is_port(port.substr(1)));
  }
  const std::size_t colon = text.find(':');
  const std::string_view host = text.substr(0, colon);
  return !host.empty() && std::ranges::all_of(host, is_host_char) &&
         (colon == std::string_view::npos || is_port(text.substr(colon + 1)));
}

struct CheckedUrl {
  bool is_valid = false;
  bool has_credentials = false;
};

CheckedUrl look_at_url(std::string_view url) {
  while (!url.empty() && static_cast<unsigned char>(url.front()) <= ' ') url.remove_prefix(1);
  while (!url.empty() && static_cast<unsigned char>(url.back()) <= ' ') url.remove_suffix(1);
  const auto scheme = find_scheme(url);
  if (!scheme) return {};
  constexpr std::array<std::string_view, 5> kWithHost = {"http", "https", "ws", "wss", "ftp"};
  if (!is_one_of(*scheme, kWithHost)) return {.is_valid = true};
  url.remove_prefix(scheme->size() + 1);
  url.remove_prefix(std::min(url.find_first_not_of("/\\"), url.size()));
  std::string_view authority = url.substr(0, url.find_first_of("/\\?#"));
  const std::size_t at = authority.rfind('@');
  if (at != std::string_view::npos) authority.remove_prefix(at + 1);
  return {.is_valid = is_host_and_port(authority), .has_credentials = at != std::string_view::npos};
}

// Code points up to 0xFF, as UTF-8.
bool is_latin1(std::string_view text) {
  return std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) > 0xC3; });
}

bool is_token(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return is_letter(c) || is_digit(c) ||
           (c != '\0' && std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos);
  });
}

bool is_reason_phrase(std::string_view text) {
  return is_latin1(text) && std::ranges::none_of(text, [](char c) {
           return (static_cast<unsigned char>(c) < ' ' && c != '\t') || c == 0x7f;
         });
}

}  // namespace

std::optional<Error> check_url(std::string_view href) {
  if (look_at_url(href).is_valid) return std::nullopt;
  return type_error("Invalid URL: ", href);
}

std::optional<Error> check_headers(const Headers& headers) {
  for (const auto& [name, value] : headers.pairs())
    if (!is_latin1(value)) return type_error("No Latin-1 text in the HTTP header ", name);
  return std::nullopt;
}

std::optional<Error> check_request(const Request& request) {
  const CheckedUrl url = look_at_url(request.url);
  if (!url.is_valid) return type_error("Failed to parse URL from ", request.url);
  if (url.has_credentials)
    return type_error("Request cannot be constructed from a URL that includes credentials: ",
                      request.url);
  if (!is_token(request.method)) return type_error("Not a valid HTTP method: ", request.method);
  constexpr std::array<std::string_view, 3> kUnsupported = {"CONNECT", "TRACE", "TRACK"};
  if (is_one_of(request.method, kUnsupported))
    return type_error("Unsupported HTTP method: ", request.method);
  const std::string method = normalized_method(request.method);
  if (has_body(request.body) && (method == "GET" || method == "HEAD"))
    return Error::type_error("Request with GET/HEAD method cannot have body.");
  return check_headers(request.headers);
}

std::optional<Error> check_response(const Response& response) {
  const int status = response.status;
  if (status < 200 || status > 599)
    return Error::range_error("The status of a Response must be between 200 and 599, not " +
                              std::to_string(status) + ".");
  if (has_body(response.body) && (status == 204 || status == 205 || status == 304))
    return Error::type_error("A Response with status " + std::to_string(status) +
                             " cannot have a body.");
  if (!is_reason_phrase(response.status_text)) return Error::type_error("Invalid statusText");
  return check_headers(response.headers);
}

std::string normalized_method(std::string_view method) {
  constexpr std::array<std::string_view, 6> kNormalized = {"GET",    "POST",    "PUT",
                                                           "DELETE", "OPTIONS", "HEAD"};
  for (std::string_view known : kNormalized)
    if (equal_ignoring_case(method, known)) return std::string(known);
  return std::string(method);
}

bool has_body(const Value& body) { return !body.is_null() && !body.is_undefined(); }

Headers complete_headers(const Headers& headers, const Value& body) {
  Headers complete = headers;
  if (body.is_string() && !headers.get("content-type"))
    complete.append("content-type", "text/plain;charset=UTF-8");
  return complete;
}

Bytes encode_utf8(std::string_view text) {
  if (is_valid_utf8(text)) return Bytes::from_text(text);
  std::string encoded;
  for (const char *p = text.data(), *end = p + text.size(); p != end;) {
    const CodePoint point = decode_wtf8(p, end);
    if (point.size == 0 || is_surrogate(point.value)) {
      encoded += "\xEF\xBF\xBD";
    } else {
      encoded.append(p, point.size);
    }
    p += point.size == 0 ? 1 : point.size;
  }
  return Bytes::from_text(encoded);
}

Error not_a_body(const Value& value) {
  return Error::type_error("A body must be a string, bytes or a stream, not " +
                           std::string(value.kind_name()) + ".");
}

Error not_plain(const Value& value) {
  return Error::type_error("The init object of a Request or Response is plain JSON, without " +
                           std::string(value.kind_name()) + ".");
}

}  // namespace capnweb
