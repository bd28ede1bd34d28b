#include "net/batch_client_connection.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <boost/asio/connect.hpp>
#include <boost/asio/write.hpp>
#include <cstring>
#include <string_view>
#include <utility>

#include "net/buffers.hpp"

namespace capnweb {
namespace {

namespace asio = boost::asio;

constexpr std::size_t kReadSize = 16 * 1024;
// A connection that the server may be about to close is not used again. Servers that say nothing
// keep theirs for ten seconds at least.
constexpr auto kIdleTime = std::chrono::seconds(8);
constexpr auto kLongestIdleTime = std::chrono::seconds(60);

std::string in_words(std::chrono::milliseconds time) {
  return std::to_string(time.count()) + " ms";
}

// How long to keep a connection that the server keeps for `announced`.
std::chrono::milliseconds idle_time(std::optional<std::chrono::seconds> announced) {
  using std::chrono::milliseconds;
  if (!announced) return kIdleTime;
  return std::clamp<milliseconds>(*announced - std::chrono::seconds(1), milliseconds(0),
                                  kLongestIdleTime);
}

}  // namespace

HttpClientConnection::HttpClientConnection(std::shared_ptr<LoopCore> loop, ServerUrl url)
    : loop_(std::move(loop)),
      url_(std::move(url)),
      resolver_(loop_->executor()),
      socket_(loop_->executor()) {
  loop_->add_member(*this);
}

void HttpClientConnection::exchange(HttpPost post, Done done) {
  post_ = std::move(post);
  done_ = std::move(done);
  parser_.emplace(post_.max_response_size);
  const auto now = Clock::now();
  deadline_ = now + post_.timeout;
  if (state_ == State::kIdle) return send();
  state_ = State::kConnecting;
  loop_->set_timer(*this, std::min(now + post_.connect_timeout, deadline_));
  resolve();
}

bool HttpClientConnection::is_idle() noexcept {
  if (state_ != State::kIdle) return false;
  // Its end may have arrived without the loop having seen it.
  char byte;
  const auto waiting = ::recv(socket_.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  if (waiting < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return true;
  shut();
  return false;
}

void HttpClientConnection::close() {
  if (state_ == State::kClosed) return;
  const auto self = weak_from_this().lock();
  shut();
  if (done_) fail("the connection was closed");
}

void HttpClientConnection::on_loop_end() noexcept {
  // Not shared_from_this(), which throws in theory: this is reached from what may not.
  const auto self = weak_from_this().lock();
  shut();
  done_ = nullptr;
}

void HttpClientConnection::on_time(Clock::time_point) noexcept {
  const auto self = weak_from_this().lock();
  if (state_ == State::kConnecting)
    fail("connecting took longer than " + in_words(post_.connect_timeout));
  else if (state_ == State::kBusy)
    fail("the batch was not answered within " + in_words(post_.timeout));
  else
    shut();
}

// ---- Connecting

void HttpClientConnection::resolve() {
  const Endpoints<Tcp> known = known_endpoints<Tcp>(url_);
  if (!known.empty()) return connect(known);
  look_up(resolver_, url_,
          [self = weak_from_this().lock()](const Code& code, const Endpoints<Tcp>& found) {
            self->loop_->enter([&] {
              if (self->state_ != State::kConnecting) return;
              if (code) return self->fail(code.message());
              self->connect(found);
            });
          });
}

void HttpClientConnection::connect(const Endpoints<Tcp>& endpoints) {
  asio::async_connect(socket_, endpoints,
                      [self = weak_from_this().lock()](const Code& code, const Tcp::endpoint&) {
                        self->loop_->enter([&] { self->on_connected(code); });
                      });
}

void HttpClientConnection::on_connected(const Code& code) {
  if (state_ != State::kConnecting) return;
  if (code) return fail(code.message());
  Code ignored;
  socket_.set_option(Tcp::no_delay(true), ignored);
  send();
}

// ---- Asking

void HttpClientConnection::send() {
  state_ = State::kBusy;
  loop_->set_timer(*this, deadline_);
  is_sending_ = true;
  const std::array<asio::const_buffer, 2> parts{asio::buffer(post_.head), asio::buffer(post_.body)};
  asio::async_write(socket_, parts,
                    [self = weak_from_this().lock()](const Code& code, std::size_t) {
                      self->loop_->enter([&] { self->on_sent(code); });
                    });
  // A server may answer, and refuse, before it has everything.
  read();
}

void HttpClientConnection::on_sent(const Code&) {
  // If it has failed, reading tells why: there may be an answer.
  is_sending_ = false;
  let_go(post_.body);
}

void HttpClientConnection::read() {
  if (is_reading_) return;
  is_reading_ = true;
  if (input_.size() - unused_ < kReadSize / 2) input_.resize(unused_ + kReadSize);
  socket_.async_read_some(asio::buffer(input_.data() + unused_, input_.size() - unused_),
                          [self = weak_from_this().lock()](const Code& code, std::size_t bytes) {
                            self->loop_->enter([&] { self->on_read(code, bytes); });
                          });
}

void HttpClientConnection::on_read(const Code& code, std::size_t bytes) {
  is_reading_ = false;
  // Whatever happens to an idle connection, it is of no more use.
  if (state_ == State::kIdle) return shut();
  if (state_ != State::kBusy) return;

  const std::string_view arrived(input_.data(), unused_ + bytes);
  const std::size_t used = parser_->feed(arrived);
  unused_ = arrived.size() - used;
  std::memmove(input_.data(), input_.data() + used, unused_);
  if (code) parser_->end();
  if (parser_->is_complete()) return on_answer();
  if (parser_->problem()) return fail(*parser_->problem());
  read();
}

void HttpClientConnection::on_answer() {
  HttpAnswer answer = std::move(parser_->answer());
  parser_.reset();
  // Bytes that nobody asked for, or an answer before the whole question: not a state to build on.
  const bool is_reusable = answer.keep_alive && unused_ == 0 && !is_sending_;
  const auto keep = idle_time(answer.idle_time);
  if (is_reusable && keep.count() > 0) {
    state_ = State::kIdle;
    loop_->set_timer(*this, Clock::now() + keep);
    if (input_.size() > 2 * kReadSize) input_ = std::vector<char>();
    read();
  } else {
    shut();
  }
  std::exchange(done_, nullptr)(std::move(answer));
}

void HttpClientConnection::fail(const std::string& why) {
  shut();
  if (done_)
    std::exchange(done_,
                  nullptr)(Error("RPC request failed: " + url_.authority() + ": " + why + "."));
}

void HttpClientConnection::shut() {
  state_ = State::kClosed;
  cancel();
  resolver_.cancel();
  Code ignored;
  socket_.close(ignored);
}

}  // namespace capnweb
