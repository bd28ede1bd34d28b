// http_request_checks.hpp: who may call, before anything is made for them.
//
// Browsers let any page send these requests (a batch is a "simple" one, WebSockets know no CORS),
// with the user's cookies and from inside the user's network. So the server itself refuses pages
// it does not know, by Host against DNS rebinding and by Origin against everything else.
#pragma once

#include <capnweb/server.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net/http_server_request.hpp"
#include "net/url.hpp"

namespace capnweb {

class HttpRequestChecks {
 public:
  // `is_loopback`: whether only this machine can connect. Throws Error for an entry of `hosts` or
  // `origins` that could never match.
  HttpRequestChecks(const ServerOptions& options, bool is_loopback);

  // Each gives what the client is to be told, or nothing if it may go on.
  std::optional<HttpRefusal> check_host(const HttpRequest& request) const;
  std::optional<HttpRefusal> check_origin(const HttpRequest& request) const;

  // Whether it is a browser's question whether it may send a request that is not simple.
  static bool is_preflight(const HttpRequest& request) noexcept;
  // The 204, or the 403.
  HttpRefusal answer_preflight(const HttpRequest& request) const;

  // The CORS headers, complete lines, that each answer to `request` needs.
  void append_cors_headers(const HttpRequest& request, std::string& head) const;

 private:
  bool is_listed(std::string_view origin) const noexcept;

  bool any_host_ = false;
  bool any_origin_ = false;
  bool allow_credentials_ = false;
  std::vector<HostPort> hosts_;  // empty and not any_host_: what loopback is called
  std::vector<std::string> origins_;
};

}  // namespace capnweb
