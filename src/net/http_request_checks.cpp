#include "net/http_request_checks.hpp"

#include <algorithm>

namespace capnweb {
namespace {

// Untrusted text is quoted, but not by the kilobyte.
std::string_view clip(std::string_view text) { return text.substr(0, 100); }

bool is_local_name(std::string_view host) { return is_localhost(host) || is_ip_literal(host); }

// Clients leave out the port that the scheme implies.
bool ports_match(std::string_view allowed, std::string_view port) {
  return allowed.empty() || allowed == port ||
         (port.empty() && (allowed == "80" || allowed == "443"));
}

std::string_view without_scheme(std::string_view origin) {
  const std::size_t colon = origin.find("://");
  return colon == origin.npos ? std::string_view() : origin.substr(colon + 3);
}

bool is_header_list(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("!#$%&'*+-.^_`|~, ").find(c) != std::string_view::npos;
  });
}

HostPort parse_host_option(std::string_view text) {
  HostPort entry;
  if (!parse_host_port(text, entry))
    throw Error::type_error("ServerOptions::hosts: '" + std::string(text) +
                            "' is no host; write it as example.org or example.org:8080");
  return entry;
}

std::string parse_origin_option(std::string_view text) {
  if (text.ends_with('/')) text.remove_suffix(1);
  HostPort host;
  if (text != "null" && !parse_host_port(without_scheme(text), host))
    throw Error::type_error("ServerOptions::origins: '" + std::string(text) +
                            "' is no origin; write it as https://example.org");
  return to_lower_ascii(text);
}

}  // namespace

HttpRequestChecks::HttpRequestChecks(const ServerOptions& options, bool is_loopback)
    : any_host_(options.hosts.empty() && !is_loopback),
      allow_credentials_(options.allow_credentials) {
  for (const std::string& host : options.hosts) {
    if (host == "*")
      any_host_ = true;
    else
      hosts_.push_back(parse_host_option(host));
  }
  for (const std::string& origin : options.origins) {
    if (origin == "*")
      any_origin_ = true;
    else
      origins_.push_back(parse_origin_option(origin));
  }
}

std::optional<HttpRefusal> HttpRequestChecks::check_host(const HttpRequest& request) const {
  if (any_host_) return std::nullopt;
  HostPort named;
  if (parse_host_port(request.host, named)) {
    if (hosts_.empty() && is_local_name(named.host)) return std::nullopt;
    for (const HostPort& allowed : hosts_)
      if (allowed.host == named.host && ports_match(allowed.port, named.port)) return std::nullopt;
  }
  return HttpRefusal{421, "host not allowed: " + std::string(clip(request.host)) +
                              "; add it to ServerOptions::hosts"};
}

std::optional<HttpRefusal> HttpRequestChecks::check_origin(const HttpRequest& request) const {
  const std::string* origin = find_header(request.info.headers, "origin");
  if (any_origin_ || (origin && is_listed(*origin))) return std::nullopt;

  // What the browser itself says is better than what we can compare: it knows its scheme.
  const std::string* site = find_header(request.info.headers, "sec-fetch-site");
  if (site) {
    if (*site == "same-origin" || *site == "none") return std::nullopt;
  } else {
    // Without either header no page has sent this; a page's request over plain http has no
    // Sec-Fetch-Site, a WebSocket's neither.
    if (!origin) return std::nullopt;
    const std::string_view authority = without_scheme(*origin);
    if (!authority.empty() && equal_ignoring_case(authority, request.host)) return std::nullopt;
  }
  const std::string who =
      origin ? std::string(clip(*origin)) : "Sec-Fetch-Site: " + std::string(clip(*site));
  return HttpRefusal{403, "origin not allowed: " + who + "; add it to ServerOptions::origins"};
}

bool HttpRequestChecks::is_listed(std::string_view origin) const noexcept {
  return std::any_of(origins_.begin(), origins_.end(), [origin](const std::string& listed) {
    return equal_ignoring_case(listed, origin);
  });
}

bool HttpRequestChecks::is_preflight(const HttpRequest& request) noexcept {
  return request.info.method == "OPTIONS" && find_header(request.info.headers, "origin") &&
         find_header(request.info.headers, "access-control-request-method");
}

HttpRefusal HttpRequestChecks::answer_preflight(const HttpRequest& request) const {
  if (std::optional<HttpRefusal> refusal = check_origin(request)) return *std::move(refusal);
  HttpRefusal answer{204, "", {{"Access-Control-Allow-Methods", "POST"}}};
  // Headers carry tokens of the application's choice: a listed origin may send any.
  const std::string* wanted = find_header(request.info.headers, "access-control-request-headers");
  if (wanted && is_header_list(*wanted))
    answer.headers.emplace_back("Access-Control-Allow-Headers", *wanted);
  answer.headers.emplace_back("Access-Control-Max-Age", "7200");
  return answer;
}

void HttpRequestChecks::append_cors_headers(const HttpRequest& request, std::string& head) const {
  if (any_origin_) {
    head += "Access-Control-Allow-Origin: *\r\n";
    return;
  }
  if (origins_.empty()) return;
  head += "Vary: Origin\r\n";
  const std::string* origin = find_header(request.info.headers, "origin");
  if (!origin || !is_listed(*origin)) return;
  head += "Access-Control-Allow-Origin: ";
  head += *origin;
  head += "\r\n";
  if (allow_credentials_) head += "Access-Control-Allow-Credentials: true\r\n";
}

}  // namespace capnweb
