#include "net/webtransport/h3_message.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "net/url.hpp"

namespace capnweb {
namespace {

constexpr H3Error malformed(std::string_view why) noexcept { return {H3Code::kMessageError, why}; }

bool is_lower_name(std::string_view name) {
  return std::none_of(name.begin(), name.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
}

// Fields that belong to one HTTP/1.1 connection (RFC 9114, 4.2).
bool is_of_connection(std::string_view name, std::string_view value) {
  static constexpr std::array<std::string_view, 5> kNames = {
      "connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade"};
  return std::find(kNames.begin(), kNames.end(), name) != kNames.end() ||
         (name == "te" && value != "trailers");
}

std::optional<H3Error> add_header(Headers& headers, std::string_view name, std::string_view value) {
  if (!is_lower_name(name)) return malformed("a header's name in upper case");
  if (is_of_connection(name, value)) return malformed("a header of HTTP/1.1 connections");
  try {
    headers.append(name, value);
  } catch (const Error&) {
    return malformed("a header that is not legal in HTTP");
  }
  return std::nullopt;
}

// Puts a pseudo-header where it belongs; null where the message has no such.
template <class Find>
std::optional<H3Error> read_fields(const H3Fields& fields, Headers& headers, Find find) {
  std::string_view seen;
  std::array<bool, 5> is_set{};
  for (const auto& [name, value] : fields) {
    if (!name.starts_with(':')) {
      seen = name;
      if (auto error = add_header(headers, name, value)) return error;
      continue;
    }
    if (!seen.empty()) return malformed("a pseudo-header behind others");
    const int place = find(name, value);
    if (place < 0) return malformed("a pseudo-header that is not known");
    if (std::exchange(is_set[static_cast<std::size_t>(place)], true))
      return malformed("a pseudo-header twice");
  }
  return std::nullopt;
}

bool has_control_characters(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) <= 0x20 || c == 0x7f; });
}

std::optional<H3Error> check_request(const H3Request& request) {
  if (request.method.empty()) return malformed("a request without a method");
  if (!request.protocol.empty() && request.method != "CONNECT")
    return malformed(":protocol, but the method is not CONNECT");
  const bool is_plain_connect = request.method == "CONNECT" && request.protocol.empty();
  if (is_plain_connect) {
    if (!request.scheme.empty() || !request.path.empty())
      return malformed("CONNECT with a scheme or path");
  } else if (request.scheme.empty() || request.path.empty()) {
    return malformed("a request without a scheme or path");
  }
  // They reach logs and the application as text.
  if (has_control_characters(request.method) || has_control_characters(request.path) ||
      has_control_characters(request.authority))
    return malformed("a pseudo-header that is not legal in HTTP");
  return std::nullopt;
}

}  // namespace

bool H3Request::wants_webtransport() const noexcept {
  // The second is its name in later drafts.
  return method == "CONNECT" && (protocol == "webtransport" || protocol == "webtransport-h3");
}

std::variant<H3Request, H3Error> read_h3_request(const H3Fields& fields) {
  H3Request request;
  const std::array<std::pair<std::string_view, std::string*>, 5> places = {
      {{":method", &request.method},
       {":protocol", &request.protocol},
       {":scheme", &request.scheme},
       {":authority", &request.authority},
       {":path", &request.path}}};
  const auto error =
      read_fields(fields, request.headers, [&](std::string_view name, const std::string& value) {
        for (std::size_t i = 0; i < places.size(); ++i) {
          if (places[i].first != name) continue;
          *places[i].second = value;
          return static_cast<int>(i);
        }
        return -1;
      });
  if (error) return *error;
  if (const auto wrong = check_request(request)) return *wrong;
  if (request.authority.empty())
    if (const auto host = request.headers.get("host")) request.authority = *host;
  return request;
}

std::variant<H3Response, H3Error> read_h3_response(const H3Fields& fields) {
  H3Response response;
  const auto error =
      read_fields(fields, response.headers, [&](std::string_view name, const std::string& value) {
        if (name != ":status") return -1;
        const bool is_number =
            value.size() == 3 &&
            std::all_of(value.begin(), value.end(), [](char c) { return c >= '0' && c <= '9'; });
        if (is_number) response.status = std::stoi(value);
        return 0;
      });
  if (error) return *error;
  if (response.status < 100) return malformed("a response without a status");
  return response;
}

H3Fields make_wt_request(const std::string& authority, const std::string& path,
                         const Headers& headers) {
  H3Fields fields = {{":method", "CONNECT"}, {":protocol", "webtransport"},
                     {":scheme", "https"},   {":authority", authority},
                     {":path", path},        {"sec-webtransport-http3-draft02", "1"}};
  for (const auto& [name, value] : headers.pairs()) {
    std::string lower = to_lower_ascii(name);
    if (lower == "host")
      fields[3].second = value;
    else
      fields.emplace_back(std::move(lower), value);
  }
  return fields;
}

}  // namespace capnweb
