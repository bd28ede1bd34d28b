// http_server_routes.hpp: what a request is for, and what it gets if that is nothing we do.
#pragma once

#include <capnweb/server.hpp>
#include <map>
#include <string>
#include <string_view>

#include "net/http_request_checks.hpp"
#include "net/http_server_response.hpp"

namespace capnweb {

struct HttpDecision {
  enum class What { kRespond, kBatch, kWebSocket };
  What what = What::kRespond;
  HttpResponse response = {};  // for kRespond
};

class HttpRoutes {
 public:
  HttpRoutes(const ServerOptions& options, bool is_loopback);

  void add_page(std::string path, std::string content_type, std::string body);

  // Decides by the head alone; a batch or a WebSocket has passed all checks then.
  HttpDecision decide(const HttpRequest& request) const;

  const HttpRequestChecks& checks() const noexcept { return checks_; }
  // Where the server answers, without a slash at the end.
  const std::string& path() const noexcept { return path_; }

 private:
  // Which of the two an endpoint takes.
  struct Endpoint {
    bool batch = false;
    bool websocket = false;
  };
  struct Page {
    std::string content_type;
    std::string body;
  };
  Endpoint find_endpoint(std::string_view path) const noexcept;
  HttpDecision decide_endpoint(Endpoint endpoint, const HttpRequest& request) const;

  HttpRequestChecks checks_;
  std::string path_;  // without a slash at the end
  bool every_path_;
  std::map<std::string, Page, std::less<>> pages_;
};

}  // namespace capnweb
