#include <algorithm>
#include <array>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include "net/http_chunks.hpp"
#include "net/ws_handshake.hpp"
#include "net/ws_mask_source.hpp"
#include "value/base64.hpp"
#include "value/utf.hpp"

namespace capnweb {

namespace {

namespace http = boost::beast::http;
using Code = boost::beast::error_code;

constexpr std::size_t kMaxHead = 16 * 1024;
constexpr std::size_t kMaxBody = 4 * 1024;
constexpr std::size_t kQuoted = 300;

bool is_ours(std::string_view header) {
  constexpr std::array<std::string_view, 8> kOurs{"connection",
                                                  "content-length",
                                                  "sec-websocket-accept",
                                                  "sec-websocket-extensions",
                                                  "sec-websocket-key",
                                                  "sec-websocket-protocol",
                                                  "sec-websocket-version",
                                                  "upgrade"};
  return std::ranges::find(kOurs, header) != kOurs.end();
}

bool is_token(std::string_view text) {
  constexpr std::string_view kAlso = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::ranges::all_of(text, [&](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           kAlso.find(c) != kAlso.npos;
  });
}

std::string random_key() {
  std::array<std::byte, 16> bytes;
  fill_random(reinterpret_cast<char*>(bytes.data()), bytes.size());
  std::string key;
  append_base64(key, bytes);
  return key + "==";
}

// What a server said, fit for an error message: one line of text, not too long.
std::string quote(std::string_view text) {
  std::string line(text.substr(0, text.find_first_of("\r\n")));
  if (line.find('<') != line.npos || !is_valid_utf8(line)) return {};
  return std::string(clip_bytes(line, kQuoted));
}

}  // namespace

struct WsClientHandshake::Answer {
  http::response_parser<http::string_body> parser;
};

WsClientHandshake::WsClientHandshake(const ServerUrl& url, const Headers& headers,
                                     std::vector<std::string> subprotocols)
    : offered_(std::move(subprotocols)), answer_(std::make_unique<Answer>()) {
  answer_->parser.header_limit(kMaxHead);
  answer_->parser.body_limit(boost::none);
  const std::string key = random_key();
  expected_accept_ = ws_accept_key(key);

  request_ = "GET " + url.target + " HTTP/1.1\r\n";
  if (!headers.get("host")) request_ += "Host: " + url.authority() + "\r\n";
  request_ +=
      "Upgrade: websocket\r\n"
      "Connection: Upgrade\r\n"
      "Sec-WebSocket-Version: 13\r\n"
      "Sec-WebSocket-Key: " +
      key + "\r\n";
  for (std::size_t i = 0; i < offered_.size(); ++i) {
    if (!is_token(offered_[i]))
      throw Error::type_error("ConnectOptions::subprotocols: '" + offered_[i] +
                              "' cannot be sent; use letters, digits and -._ only");
    request_ += (i == 0 ? "Sec-WebSocket-Protocol: " : ", ") + offered_[i];
  }
  if (!offered_.empty()) request_ += "\r\n";
  for (const auto& [name, value] : headers.pairs()) {
    if (is_ours(name))
      throw Error::type_error("ConnectOptions::headers: '" + name + "' is set by the library");
    request_.append(name).append(": ").append(value).append("\r\n");
  }
  request_ += "\r\n";
}

WsClientHandshake::~WsClientHandshake() = default;

WsClientHandshake::Progress WsClientHandshake::feed(std::string_view bytes) {
  input_ += bytes;
  auto& parser = answer_->parser;
  while (!parser.is_done() && !input_.empty() && !is_too_little_of_chunks(parser, input_.size())) {
    Code code;
    const std::size_t used = parser.put(boost::asio::buffer(input_), code);
    input_.erase(0, used);
    if (code && code != http::error::need_more)
      return refuse("The server's answer is not HTTP/1.1 (" + code.message() +
                    "); is it the right port?");
    if (used == 0) break;
    if (parser.get().body().size() > kMaxBody) return explain_status();
  }
  if (!parser.is_done() && input_.size() > kMaxHead)
    return refuse("The server's answer has an endless line.");
  if (!parser.is_done()) return Progress::kMore;
  return parser.get().result_int() == 101 ? check_upgrade() : explain_status();
}

void WsClientHandshake::end_of_input() {
  if (answer_->parser.is_header_done()) {
    explain_status();
  } else {
    refuse("The server closed the connection without an answer.");
  }
}

WsClientHandshake::Progress WsClientHandshake::check_upgrade() {
  const auto& answer = answer_->parser.get();
  if (!http::token_list(answer[http::field::upgrade]).exists("websocket") ||
      !http::token_list(answer[http::field::connection]).exists("upgrade"))
    return refuse("The server switched to something that is no WebSocket.");
  if (answer[http::field::sec_websocket_accept] != expected_accept_)
    return refuse("The server's Sec-WebSocket-Accept is wrong; is a cache in between?");
  if (!answer[http::field::sec_websocket_extensions].empty())
    return refuse("The server chose a WebSocket extension that was not offered.");
  subprotocol_ = std::string(answer[http::field::sec_websocket_protocol]);
  if (!subprotocol_.empty() && std::ranges::find(offered_, subprotocol_) == offered_.end())
    return refuse("The server chose the subprotocol '" + quote(subprotocol_) +
                  "', which was not offered.");
  return Progress::kOpen;
}

WsClientHandshake::Progress WsClientHandshake::explain_status() {
  const auto& answer = answer_->parser.get();
  std::string why = "The server answered " + std::to_string(answer.result_int()) + " " +
                    quote(std::string_view(answer.reason().data(), answer.reason().size()));
  if (const std::string text = quote(answer.body()); !text.empty()) why += ": " + text;
  const auto location = answer[http::field::location];
  if (!location.empty())
    why += " (it points to " + quote(std::string_view(location.data(), location.size())) + ")";
  return refuse(std::move(why));
}

WsClientHandshake::Progress WsClientHandshake::refuse(std::string why) {
  refusal_ = std::move(why);
  return Progress::kRefused;
}

}  // namespace capnweb
