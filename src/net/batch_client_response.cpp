#include "net/batch_client_response.hpp"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/error.hpp>
#include <charconv>

#include "net/http_chunks.hpp"
#include "net/url.hpp"

namespace capnweb {
namespace {

namespace http = boost::beast::http;

constexpr std::size_t kMaxAnswerHead = 64 * 1024;
constexpr int kMaxInterim = 16;

// "timeout=5, max=100"
std::optional<std::chrono::seconds> parse_idle_time(std::string_view value) {
  constexpr std::string_view kName = "timeout=";
  const std::size_t begin = to_lower_ascii(value).find(kName);
  if (begin == value.npos) return std::nullopt;
  const char* digits = value.data() + begin + kName.size();
  unsigned seconds = 0;
  if (std::from_chars(digits, value.data() + value.size(), seconds).ec != std::errc())
    return std::nullopt;
  return std::chrono::seconds(std::min(seconds, 86'400u));
}

}  // namespace

HttpAnswerParser::Message::Message(HttpAnswerParser& owner) : owner_(owner) {
  header_limit(kMaxAnswerHead);
  body_limit(owner.max_body_);
}

std::size_t HttpAnswerParser::feed(std::string_view bytes) {
  std::size_t used = 0;
  while (used < bytes.size() && !is_complete_ && !problem_) {
    if (is_too_little_of_chunks(*parser_, bytes.size() - used)) break;
    boost::beast::error_code code;
    const std::size_t taken =
        parser_->put(boost::asio::const_buffer(bytes.data() + used, bytes.size() - used), code);
    used += taken;
    if (code == http::error::body_limit) {
      problem_ = "the answer is over " + std::to_string(max_body_) + " bytes";
    } else if (code && code != http::error::need_more) {
      problem_ = "the answer is not HTTP/1.1: " + code.message();
    } else if (parser_->is_done()) {
      on_message_end();
    } else if (taken == 0) {
      if (bytes.size() - used > kMaxAnswerHead) problem_ = "the answer has an endless line";
      break;
    }
  }
  return used;
}

void HttpAnswerParser::end() {
  if (is_complete_ || problem_) return;
  boost::beast::error_code code;
  if (parser_->got_some()) parser_->put_eof(code);
  if (code || !parser_->is_done())
    problem_ = parser_->got_some() ? "the connection ended amid the answer"
                                   : "the connection ended before the answer";
  else
    on_message_end();
  if (!is_complete_ && !problem_) problem_ = "the connection ended before the answer";
}

void HttpAnswerParser::on_message_end() {
  if (answer_.status < 100) {
    problem_ = "the answer is not HTTP/1.1: no such status";
    return;
  }
  if (answer_.status < 200) {
    if (++interim_ > kMaxInterim) problem_ = "the server keeps sending interim answers";
    answer_ = {};
    parser_.emplace(*this);
    return;
  }
  answer_.keep_alive = parser_->keep_alive();
  is_complete_ = true;
}

void HttpAnswerParser::Message::on_response_impl(int status, Text reason, int, Code&) {
  owner_.answer_.status = status;
  owner_.answer_.reason = std::string(reason);
}

void HttpAnswerParser::Message::on_field_impl(Field field, Text, Text value, Code& code) {
  if (field == Field::keep_alive) owner_.answer_.idle_time = parse_idle_time(value);
  // Read as text, a coded answer would only be called bad JSON.
  if (field == Field::content_encoding && !equal_ignoring_case(value, "identity"))
    code = make_error_code(http::error::bad_transfer_encoding);
}

void HttpAnswerParser::Message::on_header_impl(Code&) {}

void HttpAnswerParser::Message::on_body_init_impl(const boost::optional<std::uint64_t>& length,
                                                  Code&) {
  constexpr std::uint64_t kReserve = 64 * 1024;
  if (length) owner_.answer_.body.reserve(static_cast<std::size_t>(std::min(*length, kReserve)));
}

std::size_t HttpAnswerParser::Message::on_body_impl(Text body, Code&) {
  owner_.answer_.body.append(body.data(), body.size());
  return body.size();
}

std::size_t HttpAnswerParser::Message::on_chunk_body_impl(std::uint64_t, Text body, Code&) {
  owner_.answer_.body.append(body.data(), body.size());
  return body.size();
}

}  // namespace capnweb
