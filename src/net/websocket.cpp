#include "net/websocket.hpp"

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/socket_base.hpp>
#include <cstring>
#include <optional>
#include <utility>

#include "net/half_received.hpp"
#include "net/websocket_protocol.hpp"

namespace capnweb {

namespace {

namespace asio = boost::asio;
using Code = boost::system::error_code;
using Clock = LoopCore::Clock;
using Phase = WebSocketProtocol::Phase;

// What one system call takes.
constexpr std::size_t kMaxPieces = 64;

}  // namespace

// Moves bytes between a socket and the protocol. Reads when the socket is readable, into a buffer
// that all connections share; writes at the end of the turn, all at once.
class WebSocketConnection final : public WebSocket,
                                  public std::enable_shared_from_this<WebSocketConnection>,
                                  private Flushable,
                                  private LoopMember,
                                  private Source,
                                  private detail::Timer {
 public:
  WebSocketConnection(std::shared_ptr<LoopCore> loop, StreamSocket socket,
                      detail::Ref<detail::SessionCore> session, WebSocketStart start)
      : loop_(std::move(loop)),
        socket_(std::move(socket)),
        session_(std::move(session)),
        protocol_(start.role, session_, std::move(start.options), start.max_message_bytes,
                  loop_->scratch().masks, Clock::now()),
        held_input_(std::move(start.first_input)),
        on_closed_(std::move(start.on_closed)) {
    protocol_.send_first(std::move(start.first_output));
  }

  void begin();

  void close(std::uint16_t code, std::string_view reason) override;
  void terminate() override;
  std::size_t unsent() const noexcept override { return queue_.size(); }

 private:
  // Reading.
  // A connection that says goodbye feeds nobody, so it need not be held.
  bool wants_input() const noexcept {
    return protocol_.wants_input() && !(is_held() && protocol_.phase() == Phase::kOpen);
  }
  void read_on() noexcept override { read_later(); }
  void read_later();
  void on_readable(const Code& code, std::size_t size);
  void read(std::size_t size);
  void take(std::span<char> bytes, Clock::time_point now);
  void count_half_received();

  // Writing.
  void flush() noexcept override;
  void send(Clock::time_point now);
  template <class Output>
  bool write(Output& output);
  void write_later();
  void on_writable(const Code& code);
  void tell_unsent(bool has_progressed, Clock::time_point now);
  void half_close();

  // Time and end.
  void settle();
  void on_time(Clock::time_point now) noexcept override;
  bool input_waits();
  void on_loop_end() noexcept override;
  void shut();

  std::shared_ptr<LoopCore> loop_;
  std::optional<StreamSocket> socket_;  // none when it is all over
  detail::Ref<detail::SessionCore> session_;
  WebSocketProtocol protocol_;
  SendQueue queue_;
  std::string held_input_;  // read, but to be handled in a turn to come
  std::size_t half_received_ = 0;
  std::function<void()> on_closed_;
  std::shared_ptr<WebSocketConnection> self_;  // until it is all over
  std::array<char, 128> first_bytes_;          // of a read, which may be all of it
  bool waits_to_read_ = false;
  bool waits_to_write_ = false;
  bool is_half_closed_ = false;
  bool is_closing_ = false;
};

std::shared_ptr<WebSocket> WebSocket::start(std::shared_ptr<LoopCore> loop, StreamSocket socket,
                                            detail::Ref<detail::SessionCore> session,
                                            WebSocketStart start) {
  auto connection = std::make_shared<WebSocketConnection>(std::move(loop), std::move(socket),
                                                          std::move(session), std::move(start));
  connection->begin();
  return connection;
}

void WebSocketConnection::begin() {
  self_ = shared_from_this();
  loop_->add_member(*this);
  Code ignored;
  socket_->non_blocking(true, ignored);
  // Turns gather what belongs together; waiting for more would only delay it.
  socket_->set_option(asio::ip::tcp::no_delay(true), ignored);
  session_->on_output([this] { loop_->flush_later(*this); });
  loop_->flush_later(*this);
  if (held_input_.empty()) {
    read_later();
  } else {
    waits_to_read_ = true;
    loop_->post([self = shared_from_this()] { self->on_readable({}, 0); });
  }
}

// ---- Reading

void WebSocketConnection::read_later() {
  if (waits_to_read_ || !socket_ || !wants_input()) return;
  waits_to_read_ = true;
  if (!held_input_.empty()) {
    loop_->post([self = shared_from_this()] { self->on_readable({}, 0); });
    return;
  }
  socket_->async_read_some(asio::buffer(first_bytes_),
                           [self = shared_from_this()](const Code& code, std::size_t size) {
                             self->loop_->enter([&] { self->on_readable(code, size); });
                           });
}

void WebSocketConnection::on_readable(const Code& code, std::size_t size) {
  waits_to_read_ = false;
  if (!socket_) return;
  if (code) {
    protocol_.end_of_input();
  } else {
    loop_->set_source(*this);
    read(size);
  }
  // The end of the turn flushes, and reads on.
  loop_->flush_later(*this);
}

// Handles what has been read. If that filled the small buffer there may be more, which is joined to
// it in the large one.
void WebSocketConnection::read(std::size_t size) {
  if (!wants_input()) {
    held_input_.append(first_bytes_.data(), size);
  } else if (!held_input_.empty()) {
    std::string bytes;
    bytes.swap(held_input_);
    take(bytes, Clock::now());
  } else {
    const std::span<char> buffer = loop_->scratch().read_buffer();
    std::copy_n(first_bytes_.data(), size, buffer.data());
    if (size == first_bytes_.size()) {
      Code no_more;
      size += socket_->read_some(asio::buffer(buffer.data() + size, buffer.size() - size), no_more);
    }
    take(buffer.first(size), Clock::now());
  }
}

void WebSocketConnection::take(std::span<char> bytes, Clock::time_point now) {
  const std::span<char> rest = protocol_.receive(bytes, now);
  if (!rest.empty()) held_input_.assign(rest.data(), rest.size());
  count_half_received();
}

void WebSocketConnection::count_half_received() {
  const std::size_t buffered = protocol_.buffered();
  if (buffered == half_received_) return;
  std::size_t& total = loop_->scratch().half_received;
  total += buffered - half_received_;
  half_received_ = buffered;
  if (!holds_too_much(half_received_, total)) return;
  protocol_.close(kWsTryAgainLater, "Too many large messages are arriving at once.", Clock::now());
  total -= std::exchange(half_received_, 0);
}

// ---- Writing

void WebSocketConnection::flush() noexcept {
  if (!socket_) return;
  const auto alive = self_;
  send(Clock::now());
  settle();
}

void WebSocketConnection::send(Clock::time_point now) {
  IoScratch& scratch = loop_->scratch();
  SendBlock& block = scratch.block;
  protocol_.compose(scratch, now);
  bool has_progressed = false;
  if (!block.empty()) {
    if (queue_.empty()) has_progressed = write(block);
    if (!block.empty()) queue_.push(std::exchange(block, {}));
  }
  block.clear();
  tell_unsent(has_progressed, now);
}

// Sends what the kernel takes. Returns whether it took anything.
template <class Output>
bool WebSocketConnection::write(Output& output) {
  std::array<std::string_view, kMaxPieces> pieces;
  std::array<asio::const_buffer, kMaxPieces> buffers;
  bool has_progressed = false;
  while (!output.empty()) {
    const std::size_t count = output.gather(pieces);
    std::size_t wanted = 0;
    for (std::size_t i = 0; i < count; ++i) {
      buffers[i] = asio::buffer(pieces[i]);
      wanted += pieces[i].size();
    }
    Code code;
    // One buffer goes the short way, send() instead of sendmsg().
    const std::size_t sent = count == 1
                                 ? socket_->write_some(buffers[0], code)
                                 : socket_->write_some(std::span(buffers.data(), count), code);
    output.consume(sent);
    has_progressed = has_progressed || sent > 0;
    if (code && code != asio::error::would_block && code != asio::error::try_again) {
      // The connection is broken. Whoever reads it will see, behind the peer's last words.
      output.clear();
      return true;
    }
    if (sent < wanted) return has_progressed;
  }
  return has_progressed;
}

void WebSocketConnection::write_later() {
  if (waits_to_write_ || queue_.empty()) return;
  waits_to_write_ = true;
  socket_->async_wait(StreamSocket::wait_write, [self = shared_from_this()](const Code& code) {
    self->loop_->enter([&] { self->on_writable(code); });
  });
}

void WebSocketConnection::on_writable(const Code& code) {
  waits_to_write_ = false;
  if (!socket_) return;
  if (code) {
    protocol_.end_of_input();
  } else {
    const Clock::time_point now = Clock::now();
    const bool has_progressed = write(queue_);
    tell_unsent(has_progressed, now);
  }
  settle();
}

void WebSocketConnection::tell_unsent(bool has_progressed, Clock::time_point now) {
  session_->set_unsent(queue_.size());
  protocol_.on_unsent(queue_, has_progressed, now);
}

void WebSocketConnection::half_close() {
  if (std::exchange(is_half_closed_, true)) return;
  Code ignored;
  socket_->shutdown(StreamSocket::shutdown_send, ignored);
}

// ---- Time and end

// After anything has happened: what is to be waited for now.
void WebSocketConnection::settle() {
  const Phase phase = protocol_.phase();
  if (phase != Phase::kOpen && !std::exchange(is_closing_, true)) loop_->closing_begun();
  if (phase == Phase::kOver) return shut();
  if (phase == Phase::kLingering && queue_.empty()) half_close();
  write_later();
  read_later();
  const Clock::time_point deadline = protocol_.deadline();
  // Deadlines mostly move to later: the timer is left alone until it rings in vain.
  if (deadline != Clock::time_point::max() && (!is_set() || deadline < Timer::deadline()))
    loop_->set_timer(*this, deadline);
}

void WebSocketConnection::on_time(Clock::time_point now) noexcept {
  const auto alive = self_;
  protocol_.on_deadline(now, input_waits());
  count_half_received();
  loop_->flush_later(*this);
}

bool WebSocketConnection::input_waits() {
  Code code;
  return !held_input_.empty() || socket_->available(code) > 0;
}

void WebSocketConnection::close(std::uint16_t code, std::string_view reason) {
  if (!socket_) return;
  protocol_.close(code, reason, Clock::now());
  loop_->flush_later(*this);
}

void WebSocketConnection::terminate() {
  if (!socket_) return;
  protocol_.fail(Error("WebSocket connection failed. It was terminated on this side."));
  loop_->flush_later(*this);
}

void WebSocketConnection::on_loop_end() noexcept {
  on_closed_ = nullptr;
  protocol_.close(kWsGoingAway, "", Clock::now());
  send(Clock::now());
  protocol_.fail(Error("WebSocket connection failed. Its event loop has ended."));
  settle();
}

void WebSocketConnection::shut() {
  const auto alive = std::exchange(self_, nullptr);
  cancel();
  LoopMember::unlink();
  Flushable::unlink();
  Source::unlink();
  session_->on_output({});
  Code ignored;
  socket_->close(ignored);
  socket_.reset();
  loop_->scratch().half_received -= std::exchange(half_received_, 0);
  loop_->closing_done();
  if (const auto on_closed = std::exchange(on_closed_, nullptr)) on_closed();
}

}  // namespace capnweb
