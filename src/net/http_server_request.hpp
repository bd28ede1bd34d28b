// http_server_request.hpp: HTTP/1.1 requests out of bytes.
#pragma once

#include <boost/beast/http/basic_parser.hpp>
#include <capnweb/server.hpp>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace capnweb {

// What a request gets instead of what it asked for: a status and a text for people.
struct HttpRefusal {
  int status = 0;
  std::string text;
  std::vector<std::pair<std::string, std::string>> headers = {};
};

struct HttpRequest {
  RequestInfo info;
  std::string host;  // as the client names us: the target's authority or the Host header
  std::string body;
  bool keep_alive = false;
  bool wants_websocket = false;
  bool expects_continue = false;
  bool has_body = false;
  bool is_http10 = false;
};

// The value of `name`, which must be in lower case, or null; the first one if there are several.
const std::string* find_header(const Headers& headers, std::string_view name) noexcept;

// The bytes that a message of as many UTF-16 units as allowed can have: three for each at most.
std::size_t max_message_bytes(const Limits& limits) noexcept;

// Reads one request, head first, from pieces of any size; knows no socket.
//
// Bounded: the head by size and fields, the body by bytes. What it refuses would be read
// differently by different servers (two lengths, unknown transfer codings), or says nothing.
class HttpRequestParser final : private boost::beast::http::basic_parser<true> {
 public:
  HttpRequestParser(const HttpLimits& limits, std::size_t max_body);

  // Takes what it can of `bytes` and returns how many those are; what is left must come again with
  // more behind it. Stops once at the end of the head.
  std::size_t feed(std::string_view bytes);

  // Whether a byte of the request has been taken or seen.
  bool has_begun() const noexcept { return has_begun_; }
  bool has_head() const noexcept { return has_head_; }
  bool is_complete() const noexcept { return is_complete_; }
  // Set when it cannot go on: the connection is of no more use.
  const std::optional<HttpRefusal>& refusal() const noexcept { return refusal_; }

  // REQUIRES: has_head(). The body is whole once is_complete().
  HttpRequest& request() noexcept { return request_; }

 private:
  using Verb = boost::beast::http::verb;
  using Field = boost::beast::http::field;
  using Text = boost::beast::string_view;
  using Code = boost::beast::error_code;
  void on_request_impl(Verb verb, Text method, Text target, int version, Code& code) override;
  void on_response_impl(int, Text, int, Code&) override {}
  void on_field_impl(Field field, Text name, Text value, Code& code) override;
  void on_header_impl(Code& code) override;
  void on_body_init_impl(const boost::optional<std::uint64_t>& length, Code& code) override;
  std::size_t on_body_impl(Text body, Code& code) override;
  void on_chunk_header_impl(std::uint64_t size, Text extensions, Code& code) override;
  std::size_t on_chunk_body_impl(std::uint64_t left, Text body, Code& code) override;
  void on_finish_impl(Code& code) override;

  void fail(const Code& code);
  void refuse(int status, std::string text, Code& code);
  void take_target(std::string_view target, Code& code);

  std::size_t max_fields_;
  std::size_t max_header_;
  std::size_t max_body_;
  std::size_t fields_ = 0;
  std::size_t head_size_ = 0;  // of what has been taken
  bool names_host_ = false;
  bool is_http11_ = false;
  bool upgrades_to_websocket_ = false;
  bool has_begun_ = false;
  bool has_head_ = false;
  bool is_complete_ = false;
  std::optional<HttpRefusal> refusal_;
  HttpRequest request_;
};

}  // namespace capnweb
