#include "net/http_server_request.hpp"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/error.hpp>

#include "net/http_chunks.hpp"
#include "net/url.hpp"

namespace capnweb {
namespace {

namespace http = boost::beast::http;

// Empty lines before a request are skipped; RFC 9112 asks for it.
std::size_t leading_line_ends(std::string_view bytes) {
  return std::min(bytes.find_first_not_of("\r\n"), bytes.size());
}

// Header values are Latin-1, as the Fetch standard reads them; our strings are UTF-8.
std::string from_latin1(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  for (char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80) {
      result += c;
    } else {
      result += static_cast<char>(0xC0 | (byte >> 6));
      result += static_cast<char>(0x80 | (byte & 0x3F));
    }
  }
  return result;
}

bool list_contains(std::string_view list, std::string_view token) {
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    std::string_view item = list.substr(0, comma);
    list.remove_prefix(std::min(comma + 1, list.size()));
    const std::size_t begin = std::min(item.find_first_not_of(" \t"), item.size());
    item.remove_prefix(begin);
    item = item.substr(0, item.find_last_not_of(" \t") + 1);
    if (equal_ignoring_case(item, token)) return true;
  }
  return false;
}

}  // namespace

const std::string* find_header(const Headers& headers, std::string_view name) noexcept {
  for (const auto& [key, value] : headers.pairs())
    if (key == name) return &value;
  return nullptr;
}

std::size_t max_message_bytes(const Limits& limits) noexcept {
  return limits.max_message_size > Limits::kUnlimited / 3 ? Limits::kUnlimited
                                                          : limits.max_message_size * 3;
}

HttpRequestParser::HttpRequestParser(const HttpLimits& limits, std::size_t max_body)
    : max_fields_(limits.max_header_fields),
      max_header_(limits.max_header_size),
      max_body_(max_body) {
  header_limit(static_cast<std::uint32_t>(max_header_));
  body_limit(max_body);
}

std::size_t HttpRequestParser::feed(std::string_view bytes) {
  std::size_t used = 0;
  if (!got_some()) {
    has_begun_ = has_begun_ || !bytes.empty();
    used = leading_line_ends(bytes);
  }
  while (used < bytes.size() && !is_complete_ && !refusal_) {
    if (is_too_little_of_chunks(*this, bytes.size() - used)) break;
    const bool had_head = has_head_;
    std::string_view offered = bytes.substr(used);
    // Beast takes a longer head if it comes at once: then it does not count the first line.
    if (!had_head) offered = offered.substr(0, max_header_ - head_size_);
    Code code;
    const std::size_t taken = put(boost::asio::const_buffer(offered.data(), offered.size()), code);
    used += taken;
    if (!had_head) head_size_ += taken;
    if (code && code != http::error::need_more) fail(code);
    if (has_head_ && !had_head) break;
    if (taken == 0) {
      if (!has_head_ && head_size_ + offered.size() == max_header_)
        fail(make_error_code(http::error::header_limit));
      // Of a body, the lines between chunks and the trailer are bounded here.
      if (has_head_ && bytes.size() - used >= max_header_ && !refusal_)
        refuse(431, "The lines between the chunks of the body are too long.", code);
      break;
    }
  }
  return used;
}

void HttpRequestParser::on_request_impl(Verb, Text method, Text target, int version, Code& code) {
  request_.info.method = std::string(method);
  is_http11_ = version >= 11;
  request_.is_http10 = !is_http11_;
  take_target(target, code);
}

// The target as a path; the absolute form, which proxies send, says the host as well.
void HttpRequestParser::take_target(std::string_view target, Code& code) {
  if (!target.starts_with('/') && target.find("://") != target.npos) {
    const Expected<ServerUrl> url = parse_server_url(target);
    if (!url) return refuse(400, "The request's target is not a URL this server knows.", code);
    request_.host = url->authority();
    request_.info.target = url->target;
    return;
  }
  // CONNECT and "OPTIONS *" name no path; no route matches what they leave here.
  request_.info.target = std::string(target);
}

void HttpRequestParser::on_field_impl(Field field, Text name, Text value, Code& code) {
  // The trailer of a chunked body says nothing that we want to know.
  if (has_head_) return;
  if (++fields_ > max_fields_)
    return refuse(431, "The request has more than " + std::to_string(max_fields_) + " headers.",
                  code);
  const std::string_view text = value;
  if (field == Field::host) {
    if (names_host_) return refuse(400, "The request has two Host headers.", code);
    names_host_ = true;
    if (request_.host.empty()) request_.host = std::string(text);
  } else if (field == Field::transfer_encoding) {
    // Whoever ignores a coding reads the body as the next request.
    if (!is_http11_ || !equal_ignoring_case(text, "chunked"))
      return refuse(501, "The only Transfer-Encoding this server knows is chunked.", code);
  } else if (field == Field::upgrade) {
    upgrades_to_websocket_ = list_contains(text, "websocket");
  } else if (field == Field::expect) {
    if (!equal_ignoring_case(text, "100-continue"))
      return refuse(417, "The only expectation this server knows is 100-continue.", code);
    request_.expects_continue = is_http11_;
  }
  request_.info.headers.append(name, from_latin1(text));
}

void HttpRequestParser::on_header_impl(Code& code) {
  if (is_http11_ && !names_host_) return refuse(400, "The request has no Host header.", code);
  has_head_ = true;
  request_.keep_alive = keep_alive();
  request_.has_body = chunked() || content_length().value_or(0) > 0;
  request_.wants_websocket = is_http11_ && upgrade() && upgrades_to_websocket_ &&
                             !request_.has_body && request_.info.method == "GET";
}

void HttpRequestParser::on_body_init_impl(const boost::optional<std::uint64_t>& length, Code&) {
  // A length is only a claim: what it names is not taken from memory at once.
  constexpr std::uint64_t kReserve = 64 * 1024;
  if (length) request_.body.reserve(static_cast<std::size_t>(std::min(*length, kReserve)));
}

std::size_t HttpRequestParser::on_body_impl(Text body, Code&) {
  request_.body.append(body.data(), body.size());
  return body.size();
}

void HttpRequestParser::on_chunk_header_impl(std::uint64_t, Text, Code&) {}

std::size_t HttpRequestParser::on_chunk_body_impl(std::uint64_t, Text body, Code&) {
  request_.body.append(body.data(), body.size());
  return body.size();
}

void HttpRequestParser::on_finish_impl(Code&) { is_complete_ = true; }

void HttpRequestParser::refuse(int status, std::string text, Code& code) {
  refusal_ = HttpRefusal{status, std::move(text)};
  code = make_error_code(http::error::bad_value);
}

void HttpRequestParser::fail(const Code& code) {
  if (refusal_) return;
  Code ignored;
  if (code == http::error::header_limit) {
    refuse(431, "The request's headers are over " + std::to_string(max_header_) + " bytes.",
           ignored);
  } else if (code == http::error::body_limit) {
    refuse(413, "The request's body is over " + std::to_string(max_body_) + " bytes.", ignored);
  } else if (code == http::error::bad_version) {
    refuse(505, "This server speaks HTTP/1.1 and HTTP/1.0.", ignored);
  } else {
    refuse(400, "The request is not HTTP/1.1: " + code.message() + ".", ignored);
  }
}

}  // namespace capnweb
