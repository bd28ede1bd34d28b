#include "net/http_server_connection.hpp"

#include <algorithm>
#include <array>
#include <boost/asio/write.hpp>
#include <cstring>
#include <type_traits>
#include <utility>

#include "net/buffers.hpp"
#include "net/http_batch.hpp"
#include "net/http_server.hpp"
#include "net/ws_handshake.hpp"

namespace capnweb {
namespace {

namespace asio = boost::asio;
using Code = boost::system::error_code;

// Small while a connection is idle: there may be ten thousand of them.
constexpr std::size_t kFirstRead = 4 * 1024;
constexpr std::size_t kBodyRead = 64 * 1024;
// What may arrive behind a request before that is answered.
constexpr std::size_t kReadAhead = 64 * 1024;
constexpr auto kLinger = std::chrono::milliseconds(2'000);

std::size_t max_body(const ServerOptions& options) {
  return max_message_bytes(options.session.limits);
}

}  // namespace

template <class... A>
auto HttpConnection::then(void (HttpConnection::*step)(A...)) {
  return [self = shared_from_this(), step](std::decay_t<A>... results) {
    self->server_->loop().enter([&] { (self.get()->*step)(results...); });
  };
}

HttpConnection::HttpConnection(std::shared_ptr<HttpServer> server, Socket socket,
                               const asio::ip::tcp::endpoint& peer,
                               std::optional<HttpAdmission::Slot> slot)
    : server_(std::move(server)),
      socket_(std::move(socket)),
      slot_(std::move(slot)),
      is_admitted_(slot_.has_value()),
      peer_address_(unmapped(peer.address()).to_string()),
      peer_port_(peer.port()) {
  server_->add(*this);
}

HttpConnection::~HttpConnection() {
  close();
  server_->remove(*this);
}

void HttpConnection::start() {
  Code ignored;
  socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
  parser_.emplace(server_->options().http, max_body(server_->options()));
  set_deadline(server_->options().http.header_time);
  read();
}

void HttpConnection::turn_away() {
  parser_.emplace(server_->options().http, 0);
  HttpResponse response(503, "This server has too many connections; try again later.");
  response.headers.emplace_back("Retry-After", "5");
  respond(std::move(response));
}

void HttpConnection::finish() {
  keep_alive_ = false;
  if (state_ == State::kReading && !parser_->has_begun()) close();
}

void HttpConnection::close() {
  if (state_ == State::kClosed) return;
  state_ = State::kClosed;
  give_back_body();
  Code ignored;
  socket_.close(ignored);
  // Last: it runs the application's destructors.
  if (const auto batch = std::exchange(batch_, nullptr))
    batch->end(Error("The client closed the connection before its batch was answered."));
}

void HttpConnection::check_deadline(Clock::time_point now) {
  if (now < deadline_) return;
  const auto self = shared_from_this();
  if (state_ == State::kReading && parser_->has_begun()) {
    respond({408, "The request took too long to arrive."});
  } else if (state_ == State::kAnswering) {
    const auto batch = batch_;
    batch->give_up(Error("The batch took longer than the " +
                         std::to_string(server_->options().http.batch_time.count()) +
                         " ms this server allows; send slow calls over a WebSocket."));
    if (batch_) on_batch_done();
  } else {
    close();
  }
}

// ---- Reading

void HttpConnection::read() {
  if (is_reading_ || input_ended_) return;
  if (state_ != State::kReading && end_ - begin_ >= kReadAhead) return;
  if (begin_ > 0) {
    std::memmove(input_.data(), input_.data() + begin_, end_ - begin_);
    end_ -= std::exchange(begin_, 0);
  }
  const bool in_body = state_ == State::kReading && parser_->has_head();
  const std::size_t wanted = in_body ? kBodyRead : kFirstRead;
  if (input_.size() - end_ < wanted / 2) input_.resize(end_ + wanted);
  is_reading_ = true;
  socket_.async_read_some(asio::buffer(input_.data() + end_, input_.size() - end_),
                          then(&HttpConnection::on_read));
}

void HttpConnection::on_read(const Code& code, std::size_t bytes) {
  is_reading_ = false;
  end_ += bytes;
  if (state_ == State::kClosed) return;
  // A read that was cancelled to hand the socket over is no end.
  if (code && !(waits_to_upgrade_ && code == asio::error::operation_aborted)) {
    input_ended_ = true;
    return on_end_of_input();
  }
  if (state_ == State::kLingering) {
    begin_ = end_ = 0;
    return read();
  }
  if (state_ == State::kAnswering) return read();
  advance();
}

void HttpConnection::on_end_of_input() {
  // While an answer is on its way the client may have ended only its own sending.
  if (state_ == State::kWriting) return;
  close();
}

void HttpConnection::advance() {
  while (state_ == State::kReading) {
    if (waits_to_upgrade_) return upgrade();
    const bool had_head = parser_->has_head();
    const bool had_begun = parser_->has_begun();
    begin_ += parser_->feed(unread());
    if (!had_begun && parser_->has_begun()) set_deadline(server_->options().http.header_time);
    if (parser_->refusal()) return respond(HttpResponse(*parser_->refusal()));
    if (!had_head && parser_->has_head()) {
      on_head();
      continue;
    }
    if (parser_->is_complete()) return on_request();
    if (!count_body()) return;
    if (input_ended_) return close();
    return read();
  }
}

// Counts what has arrived of the body, and gives the rest its time.
bool HttpConnection::count_body() {
  if (!parser_->has_head()) return true;
  const HttpLimits& limits = server_->options().http;
  const std::size_t size = parser_->request().body.size();
  if (!server_->reserve_body(size - counted_body_)) {
    HttpResponse response(503, "This server is receiving too much at once; try again later.");
    response.headers.emplace_back("Retry-After", "1");
    respond(std::move(response));
    return false;
  }
  counted_body_ = size;
  const auto earned = std::chrono::milliseconds(
      size * 1000 / std::max<std::size_t>(limits.min_body_bytes_per_second, 1));
  deadline_ = body_began_ + limits.body_time + earned;
  return true;
}

void HttpConnection::give_back_body() noexcept {
  server_->release_body(std::exchange(counted_body_, 0));
}

void HttpConnection::on_head() {
  HttpRequest& request = parser_->request();
  request.info.peer_address = peer_address_;
  request.info.peer_port = peer_port_;
  request.info.is_websocket = false;
  ++requests_;
  keep_alive_ = request.keep_alive && !server_->is_draining() &&
                requests_ < server_->options().http.max_requests_per_connection;
  body_began_ = Clock::now();

  HttpDecision decision = server_->routes().decide(request);
  if (decision.what == HttpDecision::What::kRespond) return respond(std::move(decision.response));
  if (decision.what == HttpDecision::What::kWebSocket) return upgrade();
  if (request.expects_continue && unread().empty() && !parser_->is_complete()) send_continue();
}

void HttpConnection::on_request() {
  give_back_body();
  run_batch();
}

// ---- Answering

void HttpConnection::run_batch() {
  const HttpLimits& limits = server_->options().http;
  HttpRequest& request = parser_->request();
  if (auto refusal = check_batch_body(request.body, limits.max_batch_messages))
    return respond(HttpResponse(*std::move(refusal)));
  auto session = server_->open_session(request.info);
  if (state_ == State::kClosed) return;
  if (auto* refusal = std::get_if<HttpResponse>(&session)) return respond(std::move(*refusal));

  const auto batch =
      std::make_shared<HttpBatch>(server_->loop(), std::get<0>(std::move(session)),
                                  server_->options().session.limits.max_unsent_answers);
  batch_ = batch;
  state_ = State::kAnswering;
  set_deadline(limits.batch_time);
  batch->run(request.body, [weak = weak_from_this()] {
    const auto self = weak.lock();
    if (self && self->batch_) self->on_batch_done();
  });
  // A handler may have closed the server.
  if (!batch_) return;
  if (batch->is_done()) return on_batch_done();
  let_go(request.body);
  // Somebody must notice when the client goes away.
  read();
}

void HttpConnection::on_batch_done() {
  const auto batch = std::exchange(batch_, nullptr);
  HttpResponse response(200, batch->take_answer());
  respond(std::move(response));
  // The answer is with the kernel; now the application's destructors may take their time.
  batch->end(Error("Batch RPC request ended."));
}

void HttpConnection::upgrade() {
  // Bytes that a read-ahead is about to bring belong to the WebSocket.
  waits_to_upgrade_ = is_reading_;
  if (is_reading_) {
    Code ignored;
    socket_.cancel(ignored);
    return;
  }

  HttpRequest& request = parser_->request();
  const WsUpgrade decided = check_ws_upgrade(request.info.headers, server_->options().subprotocols);
  if (decided.status != 101) {
    HttpResponse response(decided.status, decided.text);
    if (decided.status == 426) response.headers.emplace_back("Sec-WebSocket-Version", "13");
    return respond(std::move(response));
  }
  request.info.is_websocket = true;
  auto session = server_->open_session(request.info);
  if (state_ == State::kClosed) return;
  if (auto* refusal = std::get_if<HttpResponse>(&session)) return respond(std::move(*refusal));

  state_ = State::kClosed;
  server_->open_websocket(std::move(socket_), *std::exchange(slot_, std::nullopt),
                          std::get<0>(std::move(session)), compose_ws_response(decided),
                          std::string(unread()));
}

// ---- Writing

void HttpConnection::respond(HttpResponse response) {
  state_ = State::kWriting;
  give_back_body();
  const HttpRequest& request = parser_->request();
  // What is left of a request cannot be told from the next one without reading it.
  if (!parser_->is_complete()) keep_alive_ = false;

  head_ = compose_head(response, server_->date());
  server_->routes().checks().append_cors_headers(request, head_);
  if (!keep_alive_) {
    head_ += "Connection: close\r\n";
  } else {
    if (request.is_http10) head_ += "Connection: keep-alive\r\n";
    // So that clients let go first, and lose no request to a connection that is just closing.
    head_ += server_->keep_alive_line();
  }
  head_ += "\r\n";
  body_ = request.info.method == "HEAD" ? std::string() : std::move(response.body);
  written_ = 0;
  write();
}

void HttpConnection::write() {
  set_deadline(server_->options().http.write_time);
  std::array<asio::const_buffer, 2> parts{asio::buffer(head_), asio::buffer(body_)};
  std::size_t skip = written_;
  for (asio::const_buffer& part : parts) {
    const std::size_t gone = std::min(skip, part.size());
    part += gone;
    skip -= gone;
  }
  socket_.async_write_some(parts, then(&HttpConnection::on_write));
}

void HttpConnection::on_write(const Code& code, std::size_t bytes) {
  if (state_ == State::kClosed) return;
  if (code) return close();
  written_ += bytes;
  if (written_ < head_.size() + body_.size()) return write();
  on_written();
}

void HttpConnection::on_written() {
  head_.clear();
  let_go(body_);
  if (!keep_alive_) return linger();
  next_request();
  advance();
}

void HttpConnection::send_continue() {
  static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
  state_ = State::kWriting;
  asio::async_write(socket_, asio::buffer(kContinue), then(&HttpConnection::on_continue_sent));
}

void HttpConnection::on_continue_sent(const Code& code, std::size_t) {
  if (state_ == State::kClosed) return;
  if (code) return close();
  state_ = State::kReading;
  advance();
}

void HttpConnection::next_request() {
  state_ = State::kReading;
  parser_.emplace(server_->options().http, max_body(server_->options()));
  set_deadline(server_->options().http.keep_alive_time);
  // A large body's buffer is not kept for an idle connection.
  if (begin_ == end_ && !is_reading_ && input_.size() > 2 * kFirstRead) {
    input_ = std::vector<char>();
    begin_ = end_ = 0;
  }
}

// Says that no more comes, and waits until the client has understood: closing while it still sends
// would reset the connection, and the answer with it.
void HttpConnection::linger() {
  state_ = State::kLingering;
  Code ignored;
  socket_.shutdown(Socket::shutdown_send, ignored);
  if (input_ended_) return close();
  set_deadline(kLinger);
  if (!is_reading_) begin_ = end_ = 0;
  read();
}

}  // namespace capnweb
