#include "net/webtransport/wt_client.hpp"

#include <algorithm>
#include <boost/asio/ip/udp.hpp>
#include <utility>

#include "net/endpoints.hpp"
#include "net/http_server_request.hpp"
#include "net/webtransport/quic_client.hpp"
#include "net/webtransport/wt_peer.hpp"

namespace capnweb {
namespace {

namespace asio = boost::asio;
using asio::ip::udp;
using Code = boost::system::error_code;

// Looks up, shakes hands, asks for a session, and carries it to its end; keeps itself alive until
// then.
class WtClient final : public std::enable_shared_from_this<WtClient>,
                       private Flushable,
                       private LoopMember,
                       private detail::Timer {
 public:
  WtClient(std::shared_ptr<LoopCore> loop, ServerUrl url, ConnectOptions options,
           const WebTransportOptions& connection,
           std::shared_ptr<const QuicCredentials> credentials,
           std::function<void(const Error*)> done)
      : loop_(std::move(loop)),
        url_(std::move(url)),
        deadline_(Clock::now() + options.connect_timeout),
        timeout_(options.connect_timeout),
        options_(connection),
        credentials_(std::move(credentials)),
        request_(make_wt_request(url_.authority(), url_.target, options.headers)),
        max_line_(max_message_bytes(options.session.limits)),
        session_(detail::make_ref<detail::SessionCore>(std::move(options.main),
                                                       std::move(options.session))),
        done_(std::move(done)) {}

  const detail::Ref<detail::SessionCore>& start();

 private:
  class Peer;

  void resolve();
  void on_resolved(const Code& code, const Endpoints<udp>& found);
  void connect_next();
  std::unique_ptr<QuicPeer> make_peer(QuicLink& link);
  void on_opened();
  void on_refused(int status, std::string_view text);
  void on_over();

  void flush() noexcept override;
  void on_time(Clock::time_point now) noexcept override;
  void on_loop_end() noexcept override;
  void fail(const std::string& why);
  void report(const Error* error);
  void finish();

  std::shared_ptr<LoopCore> loop_;
  ServerUrl url_;
  Clock::time_point deadline_;
  std::chrono::milliseconds timeout_;
  WebTransportOptions options_;
  std::shared_ptr<const QuicCredentials> credentials_;
  H3Fields request_;
  std::size_t max_line_;
  detail::Ref<detail::SessionCore> session_;
  std::function<void(const Error*)> done_;

  std::shared_ptr<udp::resolver> resolver_;
  Endpoints<udp> endpoints_;
  std::size_t next_endpoint_ = 0;
  std::string failures_;  // of the endpoints that were tried
  std::shared_ptr<QuicClient> quic_;
  bool is_open_ = false;
  std::shared_ptr<WtClient> self_;  // until it is over
};

class WtClient::Peer final : public WtPeer {
 public:
  Peer(WtClient& client, QuicLink& link, LoopCore& loop, const WebTransportOptions& options,
       std::size_t max_line)
      : WtPeer(H3Role::kClient, link, loop, options, max_line), client_(client.weak_from_this()) {}

 private:
  std::variant<SessionRef, WtRefusal> open_session(const H3Request&) override {
    return WtRefusal{501, "This is a client."};
  }
  void on_opened() override {
    if (const auto client = client_.lock()) client->on_opened();
  }
  void on_refused(int status, std::string_view text) override {
    if (const auto client = client_.lock()) client->on_refused(status, text);
  }

  const std::weak_ptr<WtClient> client_;
};

const detail::Ref<detail::SessionCore>& WtClient::start() {
  self_ = shared_from_this();
  loop_->add_member(*this);
  loop_->set_timer(*this, deadline_);
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

void WtClient::resolve() {
  endpoints_ = known_endpoints<udp>(url_);
  if (endpoints_.empty()) {
    resolver_ = std::make_shared<udp::resolver>(loop_->executor());
    return look_up(*resolver_, url_,
                   [weak = weak_from_this()](const Code& code, const Endpoints<udp>& found) {
                     const auto self = weak.lock();
                     if (!self) return;
                     self->loop_->enter([&] {
                       if (self->self_) self->on_resolved(code, found);
                     });
                   });
  }
  // Not before the caller has the session.
  loop_->post([weak = weak_from_this()] {
    const auto self = weak.lock();
    if (self && self->self_) self->connect_next();
  });
}

void WtClient::on_resolved(const Code& code, const Endpoints<udp>& found) {
  if (code)
    return fail("The name " + url_.host + " cannot be looked up: " + code.message() +
                "; is it spelt right?");
  endpoints_ = found;
  connect_next();
}

void WtClient::connect_next() {
  if (next_endpoint_ == endpoints_.size())
    return fail("Cannot connect to " + failures_ +
                "; does the server run, and does UDP get there?");
  const udp::endpoint& endpoint = endpoints_[next_endpoint_];
  // Who does not answer must not use up the time of the others.
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline_ - Clock::now());
  const auto share = left / static_cast<int>(endpoints_.size() - next_endpoint_);
  quic_ = std::make_shared<QuicClient>(loop_, [weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->on_over();
  });
  try {
    quic_->connect(endpoint, url_.host, options_, credentials_,
                   std::max(share, std::chrono::milliseconds(1)),
                   [this](QuicLink& link) { return make_peer(link); });
  } catch (const Error& error) {
    on_refused(0, error.message());
  }
}

std::unique_ptr<QuicPeer> WtClient::make_peer(QuicLink& link) {
  auto peer = std::make_unique<Peer>(*this, link, *loop_, options_, max_line_);
  peer->connection().connect(request_, session_);
  return peer;
}

void WtClient::on_opened() {
  is_open_ = true;
  cancel();
  Flushable::unlink();
  const auto link = quic_->link()->weak_from_this();
  session_->on_output([link] {
    if (const auto still = link.lock()) still->flush_soon();
  });
  report(nullptr);
}

void WtClient::on_refused(int status, std::string_view text) {
  if (status > 0)
    return fail("The server answered " + std::to_string(status) +
                (text.empty() ? "." : ": " + std::string(text)));
  // Nobody there: another of its addresses may be better.
  const bool has_answered = quic_->link() && quic_->link()->connection().has_heard();
  if (has_answered) return fail(std::string(text));
  if (!failures_.empty()) failures_ += ", ";
  failures_ += to_text(endpoints_[next_endpoint_]) + " (" + std::string(text) + ")";
  ++next_endpoint_;
  // Not from within the connection that is over.
  loop_->post([weak = weak_from_this()] {
    const auto self = weak.lock();
    if (self && self->self_) self->connect_next();
  });
}

// ---- The end

// The session has ended before it stood.
void WtClient::flush() noexcept {
  if (!self_ || is_open_ || !session_->end_reason()) return;
  const Error reason = *session_->end_reason();
  report(&reason);
  finish();
}

void WtClient::on_time(Clock::time_point) noexcept {
  const std::string within = " within " + std::to_string(timeout_.count()) + " ms";
  if (endpoints_.empty()) return fail("The name " + url_.host + " was not found" + within + ".");
  const std::size_t place = std::min(next_endpoint_, endpoints_.size() - 1);
  fail("No answer from " + to_text(endpoints_[place]) + within + ".");
}

void WtClient::on_loop_end() noexcept {
  const auto alive = self_;
  done_ = nullptr;
  if (quic_ && quic_->link()) {
    const auto link = quic_->link();
    link->connection().close(H3Code::kNoError, "");
    link->flush_now();
    if (is_open_) link->peer()->on_lost("Its event loop has ended.");
  }
  session_->disconnected(Error("WebTransport connection failed. Its event loop has ended."));
  finish();
}

void WtClient::fail(const std::string& why) {
  const Error error("WebTransport connection failed. " + why);
  session_->disconnected(error);
  report(&error);
  finish();
}

void WtClient::report(const Error* error) {
  if (const auto done = std::exchange(done_, nullptr)) done(error);
}

// The connection is over; before it was open, on_refused() goes on.
void WtClient::on_over() {
  if (is_open_) finish();
}

void WtClient::finish() {
  const auto alive = std::exchange(self_, nullptr);
  if (!alive) return;
  cancel();
  LoopMember::unlink();
  Flushable::unlink();
  session_->on_output({});
  resolver_.reset();
  if (!quic_) return;
  // Not from within itself.
  loop_->post([quic = std::exchange(quic_, nullptr)] {
    if (const auto link = quic->link()) {
      link->connection().close(H3Code::kNoError, "");
      link->flush_now();
    }
    quic->close();
  });
}

}  // namespace

detail::Ref<detail::SessionCore> connect_webtransport(
    std::shared_ptr<LoopCore> loop, ServerUrl url, ConnectOptions options,
    const WebTransportOptions& connection, std::shared_ptr<const QuicCredentials> credentials,
    std::function<void(const Error*)> done) {
  return std::make_shared<WtClient>(std::move(loop), std::move(url), std::move(options), connection,
                                    std::move(credentials), std::move(done))
      ->start();
}

}  // namespace capnweb
