#include "net/http_server_routes.hpp"

#include <utility>

namespace capnweb {
namespace {

using What = HttpDecision::What;

HttpDecision respond(int status, std::string text) {
  return {What::kRespond, HttpResponse(status, std::move(text))};
}

HttpDecision respond(HttpRefusal refusal) {
  return {What::kRespond, HttpResponse(std::move(refusal))};
}

HttpDecision wrong_method(std::string allowed, std::string text) {
  return respond(HttpRefusal{405, std::move(text), {{"Allow", std::move(allowed)}}});
}

bool is_read(const HttpRequest& request) {
  return request.info.method == "GET" || request.info.method == "HEAD";
}

std::string without_end_slash(std::string path) {
  if (path.empty() || path[0] != '/')
    throw Error::type_error("ServerOptions::path: '" + path + "' must begin with a slash");
  while (path.ends_with('/')) path.pop_back();
  return path;
}

}  // namespace

HttpRoutes::HttpRoutes(const ServerOptions& options, bool is_loopback)
    : checks_(options, is_loopback),
      path_(without_end_slash(options.path)),
      every_path_(options.every_path) {}

void HttpRoutes::add_page(std::string path, std::string content_type, std::string body) {
  pages_.insert_or_assign(std::move(path), Page{std::move(content_type), std::move(body)});
}

HttpDecision HttpRoutes::decide(const HttpRequest& request) const {
  if (auto refusal = checks_.check_host(request)) return respond(*std::move(refusal));

  const std::string_view path = request.info.path();
  if (const auto page = pages_.find(path); page != pages_.end()) {
    if (!is_read(request)) return wrong_method("GET, HEAD", "This page can only be read.");
    HttpDecision decision = respond(200, page->second.body);
    decision.response.content_type = page->second.content_type;
    return decision;
  }

  const Endpoint endpoint = find_endpoint(path);
  if (!endpoint.batch && !endpoint.websocket)
    return respond(404, "There is nothing here; this server answers at " +
                            (path_.empty() ? "/" : path_) + ".");
  return decide_endpoint(endpoint, request);
}

HttpRoutes::Endpoint HttpRoutes::find_endpoint(std::string_view path) const noexcept {
  if (path.starts_with(path_)) {
    const std::string_view rest = path.substr(path_.size());
    if (rest.empty() || rest == "/") return {.batch = true, .websocket = true};
    if (rest == "/batch") return {.batch = true, .websocket = false};
    if (rest == "/ws") return {.batch = false, .websocket = true};
  }
  return {.batch = every_path_, .websocket = every_path_};
}

HttpDecision HttpRoutes::decide_endpoint(Endpoint endpoint, const HttpRequest& request) const {
  if (endpoint.batch && HttpRequestChecks::is_preflight(request))
    return respond(checks_.answer_preflight(request));

  const bool is_upgrade = endpoint.websocket && request.wants_websocket;
  if (is_upgrade || (endpoint.batch && request.info.method == "POST")) {
    if (auto refusal = checks_.check_origin(request)) return respond(*std::move(refusal));
    if (is_upgrade) return {What::kWebSocket};
    const std::string* coding = find_header(request.info.headers, "content-encoding");
    if (coding && !equal_ignoring_case(*coding, "identity"))
      return respond(415, "The batch must be plain text, without a Content-Encoding.");
    return {What::kBatch};
  }

  // The reference's answers (T-4, T-25), except that the status tells programs, too, what is
  // missing: 426, and 405 where the reference has 400 in one of its two servers.
  if (!endpoint.websocket) return wrong_method("POST", "This endpoint only accepts POST requests.");
  if (!endpoint.batch) {
    if (!is_read(request))
      return wrong_method("GET", "This endpoint only accepts WebSocket requests.");
    return respond(HttpRefusal{
        426, "This endpoint only accepts WebSocket requests.", {{"Upgrade", "websocket"}}});
  }
  if (is_read(request))
    return wrong_method("POST", "This endpoint only accepts POST or WebSocket requests.");
  return wrong_method("POST", "This endpoint only accepts POST requests.");
}

}  // namespace capnweb
