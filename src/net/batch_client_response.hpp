// batch_client_response.hpp: HTTP/1.1 responses out of bytes.
#pragma once

#include <boost/beast/http/basic_parser.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace capnweb {

struct HttpAnswer {
  int status = 0;
  std::string reason;
  std::string body;
  bool keep_alive = false;
  // How long the server says it keeps an idle connection.
  std::optional<std::chrono::seconds> idle_time = {};
};

// Reads one final response from pieces of any size, skipping the interim ones before it; knows no
// socket. Bounded as a whole by bytes.
class HttpAnswerParser {
 public:
  explicit HttpAnswerParser(std::size_t max_body) : max_body_(max_body) { parser_.emplace(*this); }

  // Takes what it can of `bytes` and returns how many those are; what is left must come again with
  // more behind it.
  std::size_t feed(std::string_view bytes);
  // The connection has ended, which ends some bodies.
  void end();

  bool is_complete() const noexcept { return is_complete_; }
  // Why this is no usable answer, once that is clear.
  const std::optional<std::string>& problem() const noexcept { return problem_; }
  // REQUIRES: is_complete().
  HttpAnswer& answer() noexcept { return answer_; }

 private:
  class Message final : public boost::beast::http::basic_parser<false> {
   public:
    explicit Message(HttpAnswerParser& owner);

   private:
    using Verb = boost::beast::http::verb;
    using Field = boost::beast::http::field;
    using Text = boost::beast::string_view;
    using Code = boost::beast::error_code;
    void on_request_impl(Verb, Text, Text, int, Code&) override {}
    void on_response_impl(int status, Text reason, int version, Code& code) override;
    void on_field_impl(Field field, Text name, Text value, Code& code) override;
    void on_header_impl(Code& code) override;
    void on_body_init_impl(const boost::optional<std::uint64_t>& length, Code& code) override;
    std::size_t on_body_impl(Text body, Code& code) override;
    void on_chunk_header_impl(std::uint64_t, Text, Code&) override {}
    std::size_t on_chunk_body_impl(std::uint64_t left, Text body, Code& code) override;
    void on_finish_impl(Code&) override {}

    HttpAnswerParser& owner_;
  };

  void on_message_end();

  std::size_t max_body_;
  std::optional<Message> parser_;
  HttpAnswer answer_;
  int interim_ = 0;
  bool is_complete_ = false;
  std::optional<std::string> problem_;
};

}  // namespace capnweb
