#include "net/client_connect.hpp"

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <utility>

#include "net/endpoints.hpp"
#include "net/http_server_request.hpp"
#include "net/websocket.hpp"
#include "net/ws_handshake.hpp"

namespace capnweb {

namespace {

namespace asio = boost::asio;
using Code = boost::system::error_code;
using Tcp = asio::ip::tcp;

// Looks up, connects, shakes hands, one step after the other; keeps itself alive until it has
// succeeded or failed.
class Connector final : public std::enable_shared_from_this<Connector>,
                        private Flushable,
                        private LoopMember,
                        private detail::Timer {
 public:
  Connector(std::shared_ptr<LoopCore> loop, ServerUrl url, ConnectOptions options,
            std::function<void(const Error*)> done)
      : loop_(std::move(loop)),
        url_(std::move(url)),
        timeout_(options.connect_timeout),
        websocket_(std::make_shared<const WebSocketOptions>(options.websocket)),
        max_message_bytes_(max_message_bytes(options.session.limits)),
        handshake_(url_, options.headers, std::move(options.subprotocols)),
        session_(detail::make_ref<detail::SessionCore>(std::move(options.main),
                                                       std::move(options.session))),
        done_(std::move(done)),
        socket_(loop_->executor()) {}

  const detail::Ref<detail::SessionCore>& start();

 private:
  void resolve();
  void on_resolved(const Code& code, const Endpoints<Tcp>& found);
  void connect_next();
  void on_connected(const Code& code);
  void shake_hands();
  void read();
  void on_read(const Code& code, std::size_t size);
  void open();

  void flush() noexcept override;
  void on_time(Clock::time_point now) noexcept override;
  void on_loop_end() noexcept override;
  void fail(const std::string& why);
  void finish(const Error* error);
  // Wraps the end of an operation: a turn, unless it is all over.
  template <class F>
  auto step(F member) {
    return [self = shared_from_this(), member](const Code& code, auto... result) {
      self->loop_->enter([&] {
        if (self->self_) (self.get()->*member)(code, result...);
      });
    };
  }

  std::shared_ptr<LoopCore> loop_;
  ServerUrl url_;
  std::chrono::milliseconds timeout_;
  std::shared_ptr<const WebSocketOptions> websocket_;
  std::size_t max_message_bytes_;
  WsClientHandshake handshake_;
  detail::Ref<detail::SessionCore> session_;
  std::function<void(const Error*)> done_;

  std::shared_ptr<Tcp::resolver> resolver_;
  Endpoints<Tcp> endpoints_;
  std::size_t next_endpoint_ = 0;
  std::string failures_;  // of the endpoints that were tried
  Tcp::socket socket_;
  std::array<char, 4096> buffer_;
  std::shared_ptr<Connector> self_;  // until it is over
};

const detail::Ref<detail::SessionCore>& Connector::start() {
  self_ = shared_from_this();
  loop_->add_member(*this);
  loop_->set_timer(*this, Clock::now() + timeout_);
  // The application may let go of the session before it stands.
  detail::SessionCore* const session = session_.get();
  session_->on_unused([session] { session->close(); });
  session_->on_output([this] {
    if (session_->end_reason()) loop_->flush_later(*this);
  });
  resolve();
  return session_;
}

// ---- Steps

void Connector::resolve() {
  endpoints_ = known_endpoints<Tcp>(url_);
  if (!endpoints_.empty()) return connect_next();
  resolver_ = std::make_shared<Tcp::resolver>(loop_->executor());
  look_up(*resolver_, url_,
          [weak = weak_from_this()](const Code& code, const Endpoints<Tcp>& found) {
            const auto self = weak.lock();
            if (!self) return;
            self->loop_->enter([&] {
              if (self->self_) self->on_resolved(code, found);
            });
          });
}

void Connector::on_resolved(const Code& code, const Endpoints<Tcp>& found) {
  if (code)
    return fail("The name " + url_.host + " cannot be looked up: " + code.message() +
                "; is it spelt right?");
  endpoints_ = found;
  connect_next();
}

void Connector::connect_next() {
  if (next_endpoint_ == endpoints_.size())
    return fail("Cannot connect to " + failures_ + "; does the server run?");
  Code ignored;
  socket_.close(ignored);
  socket_.async_connect(endpoints_[next_endpoint_], step(&Connector::on_connected));
}

void Connector::on_connected(const Code& code) {
  if (!code) return shake_hands();
  if (!failures_.empty()) failures_ += ", ";
  failures_ += to_text(endpoints_[next_endpoint_]) + " (" + code.message() + ")";
  ++next_endpoint_;
  connect_next();
}

void Connector::shake_hands() {
  Code ignored;
  socket_.set_option(Tcp::no_delay(true), ignored);
  // A server may refuse before it has everything, so reading does not wait.
  asio::async_write(socket_, asio::buffer(handshake_.request()),
                    [self = shared_from_this()](const Code&, std::size_t) {});
  read();
}

void Connector::read() {
  socket_.async_read_some(asio::buffer(buffer_), step(&Connector::on_read));
}

void Connector::on_read(const Code& code, std::size_t size) {
  using Progress = WsClientHandshake::Progress;
  if (code) {
    handshake_.end_of_input();
    return fail(handshake_.refusal());
  }
  const Progress progress = handshake_.feed({buffer_.data(), size});
  if (progress == Progress::kMore) return read();
  if (progress == Progress::kRefused) return fail(handshake_.refusal());
  open();
}

void Connector::open() {
  const auto alive = self_;
  StreamSocket socket(std::move(socket_));
  finish(nullptr);
  WebSocket::start(loop_, std::move(socket), session_,
                   {.role = WebSocketRole::kClient,
                    .options = websocket_,
                    .max_message_bytes = max_message_bytes_,
                    .first_input = handshake_.take_rest()});
}

// ---- End

void Connector::flush() noexcept {
  if (!self_) return;
  const Error reason = *session_->end_reason();
  finish(&reason);
}

void Connector::on_time(Clock::time_point) noexcept {
  const std::string within = " within " + std::to_string(timeout_.count()) + " ms";
  if (endpoints_.empty()) return fail("The name " + url_.host + " was not found" + within + ".");
  fail("No answer from " + to_text(endpoints_[next_endpoint_]) + within + ".");
}

void Connector::on_loop_end() noexcept {
  session_->disconnected(Error("WebSocket connection failed. Its event loop has ended."));
  done_ = nullptr;
  finish(nullptr);
}

void Connector::fail(const std::string& why) {
  const Error error("WebSocket connection failed. " + why);  // (T-22)
  session_->disconnected(error);
  finish(&error);
}

void Connector::finish(const Error* error) {
  const auto alive = std::exchange(self_, nullptr);
  cancel();
  LoopMember::unlink();
  Flushable::unlink();
  session_->on_output({});
  resolver_.reset();
  Code ignored;
  if (socket_.is_open()) socket_.close(ignored);
  if (const auto done = std::exchange(done_, nullptr)) done(error);
}

}  // namespace

detail::Ref<detail::SessionCore> connect_websocket(std::shared_ptr<LoopCore> loop, ServerUrl url,
                                                   ConnectOptions options,
                                                   std::function<void(const Error*)> done) {
  return std::make_shared<Connector>(std::move(loop), std::move(url), std::move(options),
                                     std::move(done))
      ->start();
}

}  // namespace capnweb
