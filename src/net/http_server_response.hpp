// http_server_response.hpp: what the server answers, as bytes.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "net/http_server_request.hpp"

namespace capnweb {

inline constexpr std::string_view kPlainText = "text/plain;charset=UTF-8";

struct HttpResponse {
  int status = 200;
  std::string body = {};
  std::string content_type = std::string(kPlainText);
  std::vector<std::pair<std::string, std::string>> headers = {};

  HttpResponse() = default;
  HttpResponse(int status_code, std::string text) : status(status_code), body(std::move(text)) {}
  explicit HttpResponse(HttpRefusal refusal)
      : status(refusal.status),
        body(std::move(refusal.text)),
        headers(std::move(refusal.headers)) {}
};

// The head of a response, except for the empty line that ends it: whoever knows more adds lines.
std::string compose_head(const HttpResponse& response, std::string_view date);

// "Tue, 24 Nov 2026 11:35:26 GMT", made anew once a second.
class HttpDate {
 public:
  const std::string& now();

 private:
  std::string text_;
  long long second_ = -1;
};

}  // namespace capnweb
