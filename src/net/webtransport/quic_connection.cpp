#include "net/webtransport/quic_connection.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <utility>

#include "net/webtransport/quic_ngtcp2.hpp"

namespace capnweb {
namespace {

using Endpoint = boost::asio::ip::udp::endpoint;

constexpr std::size_t kMaxPieces = 16;        // of a stream in one packet
constexpr int kMaxBatches = 16;               // that one flush sends: others want to send, too
constexpr std::size_t kMaxBatchPackets = 60;  // what one system call takes
constexpr std::size_t kFirstRepeat = 2;       // packets before a close is sent again, then doubled

ngtcp2_path to_path(const QuicPath& path) noexcept {
  // ngtcp2 reads it, whatever the type says.
  const auto address = [](const Endpoint& endpoint) {
    return ngtcp2_addr{const_cast<ngtcp2_sockaddr*>(endpoint.data()),
                       static_cast<ngtcp2_socklen>(endpoint.size())};
  };
  return {address(path.local), address(path.remote), nullptr};
}

Endpoint to_endpoint(const ngtcp2_addr& address) {
  Endpoint endpoint;
  std::copy_n(reinterpret_cast<const char*>(address.addr), address.addrlen,
              reinterpret_cast<char*>(endpoint.data()));
  endpoint.resize(address.addrlen);
  return endpoint;
}

QuicPath from_path(const ngtcp2_path& path) {
  return {to_endpoint(path.local), to_endpoint(path.remote)};
}

std::string_view view(const std::uint8_t* bytes, std::size_t size) noexcept {
  return {reinterpret_cast<const char*>(bytes), size};
}

}  // namespace

struct QuicConnection::Close {
  QuicCloseError error;
  std::string reason;
};

void QuicConnection::DeleteConnection::operator()(ngtcp2_conn* connection) const noexcept {
  ngtcp2_conn_del(connection);
}

// ---- What ngtcp2 tells: noted, and passed on later

struct QuicConnection::Callbacks {
  using Kind = Event::Kind;

  static QuicConnection& self(void* user_data) noexcept {
    return *static_cast<QuicConnection*>(user_data);
  }

  // Out of memory ends the process, as an exception cannot pass through C.
  static int handshake_completed(ngtcp2_conn*, void* user) noexcept {
    self(user).is_established_ = true;
    self(user).note({.kind = Kind::kReady});
    return 0;
  }
  static int recv_stream_data(ngtcp2_conn*, std::uint32_t flags, std::int64_t id, std::uint64_t,
                              const std::uint8_t* bytes, std::size_t size, void* user,
                              void*) noexcept {
    self(user).note_data(id, view(bytes, size), (flags & NGTCP2_STREAM_DATA_FLAG_FIN) != 0);
    return 0;
  }
  static int acked_stream_data_offset(ngtcp2_conn*, std::int64_t id, std::uint64_t,
                                      std::uint64_t size, void* user, void*) noexcept {
    const auto out = self(user).outs_.find(id);
    if (out != self(user).outs_.end() && out->second.queue.acknowledged(size))
      self(user).note({.kind = Kind::kSent, .stream = id});
    return 0;
  }
  static int stream_close(ngtcp2_conn* connection, std::uint32_t, std::int64_t id, std::uint64_t,
                          void* user, void*) noexcept {
    QuicConnection& me = self(user);
    me.outs_.erase(id);
    me.note({.kind = Kind::kClosed, .stream = id});
    // The peer may open another in its place.
    if (is_client_stream(id) != (me.role_ == H3Role::kClient)) {
      if (is_bidirectional_stream(id))
        ngtcp2_conn_extend_max_streams_bidi(connection, 1);
      else
        ngtcp2_conn_extend_max_streams_uni(connection, 1);
    }
    return 0;
  }
  static int stream_reset(ngtcp2_conn*, std::int64_t id, std::uint64_t, std::uint64_t code,
                          void* user, void*) noexcept {
    self(user).note({.kind = Kind::kReset, .stream = id, .code = code});
    return 0;
  }
  static int extend_max_stream_data(ngtcp2_conn*, std::int64_t id, std::uint64_t, void* user,
                                    void*) noexcept {
    const auto out = self(user).outs_.find(id);
    if (out == self(user).outs_.end()) return 0;
    out->second.is_blocked = false;
    self(user).make_ready(id, out->second);
    return 0;
  }
  static int recv_datagram(ngtcp2_conn*, std::uint32_t, const std::uint8_t* bytes, std::size_t size,
                           void* user) noexcept {
    QuicConnection& me = self(user);
    me.note({.kind = Kind::kDatagram, .begin = me.event_bytes_.size(), .size = size});
    me.event_bytes_ += view(bytes, size);
    return 0;
  }
  static int recv_stateless_reset(ngtcp2_conn*, const ngtcp2_pkt_stateless_reset*,
                                  void* user) noexcept {
    self(user).was_reset_ = true;
    return 0;
  }
  static void rand(std::uint8_t* bytes, std::size_t size, const ngtcp2_rand_ctx*) noexcept {
    draw_quic_random(bytes, size);
  }
  static int get_new_connection_id(ngtcp2_conn*, ngtcp2_cid* cid, std::uint8_t* token,
                                   std::size_t size, void* user) noexcept {
    draw_quic_random(cid->data, size);
    cid->datalen = size;
    const QuicId id(view(cid->data, size));
    const QuicResetToken made = self(user).carrier_.reset_token(id);
    std::copy(made.begin(), made.end(), token);
    self(user).carrier_.add_id(id);
    return 0;
  }
  static int remove_connection_id(ngtcp2_conn*, const ngtcp2_cid* cid, void* user) noexcept {
    self(user).carrier_.remove_id(QuicId(view(cid->data, cid->datalen)));
    return 0;
  }

  static ngtcp2_callbacks all(H3Role role) noexcept {
    ngtcp2_callbacks callbacks{};
    set_quic_crypto_callbacks(callbacks, role == H3Role::kServer);
    callbacks.handshake_completed = handshake_completed;
    callbacks.recv_stream_data = recv_stream_data;
    callbacks.acked_stream_data_offset = acked_stream_data_offset;
    callbacks.stream_close = stream_close;
    callbacks.stream_reset = stream_reset;
    callbacks.extend_max_stream_data = extend_max_stream_data;
    callbacks.recv_datagram = recv_datagram;
    callbacks.recv_stateless_reset = recv_stateless_reset;
    callbacks.rand = rand;
    callbacks.get_new_connection_id = get_new_connection_id;
    callbacks.remove_connection_id = remove_connection_id;
    return callbacks;
  }
};

// ---- Beginning

QuicConnection::QuicConnection(QuicCarrier& carrier, const WebTransportOptions& options,
                               const QuicPath& path, const QuicInitial& initial,
                               std::shared_ptr<const QuicCredentials> credentials, Time now)
    : carrier_(carrier),
      options_(options),
      role_(H3Role::kServer),
      tls_(std::move(credentials)),
      now_(now) {
  const QuicId own = make_quic_id();
  QuicSetup setup(options, now, std::chrono::milliseconds(10'000));
  setup.accept(initial, carrier.reset_token(own));
  const ngtcp2_path where = to_path(path);
  const ngtcp2_callbacks callbacks = Callbacks::all(role_);
  connection_.reset(setup.make_server(initial, own, where, callbacks, this));
  tls_.attach(connection_.get());
  setup.apply(connection_.get(), options);
  carrier_.add_id(own);
  carrier_.add_id(initial.destination);
}

QuicConnection::QuicConnection(QuicCarrier& carrier, const WebTransportOptions& options,
                               const QuicPath& path, std::string host,
                               std::shared_ptr<const QuicCredentials> credentials,
                               std::chrono::milliseconds handshake_within, Time now)
    : carrier_(carrier),
      options_(options),
      role_(H3Role::kClient),
      tls_(std::move(credentials), std::move(host)),
      now_(now) {
  const QuicId own = make_quic_id();
  QuicSetup setup(options, now, handshake_within);
  const ngtcp2_path where = to_path(path);
  const ngtcp2_callbacks callbacks = Callbacks::all(role_);
  connection_.reset(setup.make_client(make_quic_id(), own, where, callbacks, this));
  tls_.attach(connection_.get());
  setup.apply(connection_.get(), options);
  carrier_.add_id(own);
}

QuicConnection::~QuicConnection() = default;

// ---- Packets in

void QuicConnection::receive(const QuicPath& path, std::span<const std::uint8_t> packet, Time now) {
  now_ = now;
  if (phase_ == Phase::kClosing) {
    ++packets_since_close_;  // answered once in a while, for a peer that has not heard it
    if (packets_since_close_ >= kFirstRepeat && std::has_single_bit(packets_since_close_))
      carrier_.send(close_path_, close_packet_, close_packet_.size());
    return;
  }
  if (phase_ != Phase::kOpen) return;
  has_heard_ = true;
  const ngtcp2_path where = to_path(path);
  const ngtcp2_pkt_info info{};
  const int result = ngtcp2_conn_read_pkt(connection_.get(), &where, &info, packet.data(),
                                          packet.size(), to_quic_time(now));
  if (result != 0) fail(result);
  carrier_.flush_later();
}

void QuicConnection::note_data(StreamId id, std::string_view bytes, bool is_end) {
  const bool joins =
      !events_.empty() && events_.back().kind == Event::Kind::kData && events_.back().stream == id;
  if (!joins) note({.kind = Event::Kind::kData, .stream = id, .begin = event_bytes_.size()});
  event_bytes_ += bytes;
  events_.back().size += bytes.size();
  events_.back().is_end = is_end;
}

void QuicConnection::deliver() {
  // What is noted meanwhile, by user code that asks for it, waits for its own turn.
  if (is_delivering_) return;
  is_delivering_ = true;
  const std::unique_ptr<bool, void (*)(bool*)> until_the_end(&is_delivering_,
                                                             [](bool* flag) { *flag = false; });
  const std::vector<Event> events = std::exchange(events_, {});
  const std::string bytes = std::exchange(event_bytes_, {});
  for (const Event& event : events)
    pass_on(event, std::string_view(bytes).substr(event.begin, event.size));
}

void QuicConnection::pass_on(const Event& event, std::string_view bytes) {
  switch (event.kind) {
    case Event::Kind::kReady:
      return handler_->on_ready();
    case Event::Kind::kData:
      return handler_->on_stream_data(event.stream, bytes, event.is_end);
    case Event::Kind::kReset:
      return handler_->on_stream_reset(event.stream, event.code);
    case Event::Kind::kStopped:
      return handler_->on_stream_stopped(event.stream, event.code);
    case Event::Kind::kSent:
      return handler_->on_stream_sent(event.stream);
    case Event::Kind::kClosed:
      return handler_->on_stream_closed(event.stream);
    case Event::Kind::kDatagram:
      return handler_->on_datagram(bytes);
  }
}

// ---- Packets out

void QuicConnection::flush(Time now) {
  now_ = now;
  if (phase_ != Phase::kOpen) return;
  handler_->on_flush();
  if (close_) return send_close();
  write_packets();
  if (phase_ != Phase::kOpen) return;
  deliver();
  handler_->on_flushed();
  if (close_) send_close();
}

void QuicConnection::write_packets() {
  if (!blocked_packets_.empty()) {
    const std::vector<std::uint8_t> again = std::exchange(blocked_packets_, {});
    if (!carry(blocked_batch_, again)) return;
  }
  for (int i = 0; i < kMaxBatches && write_batch(); ++i) {
  }
  // Before the handshake is complete the round trip is a guess, and pacing by it costs 20 ms.
  if (is_established_ && phase_ == Phase::kOpen) pace();
}

// Notes when the next packet may leave. If none waits, and it might as well be now (ngtcp2 lets
// packets be a millisecond early), that is not worth a timer, which every small message would set.
void QuicConnection::pace() {
  ngtcp2_conn* const connection = connection_.get();
  const ngtcp2_tstamp now = to_quic_time(now_);
  const bool is_expired = ngtcp2_conn_get_expiry(connection) <= now;
  ngtcp2_conn_update_pkt_tx_time(connection, now);
  if (is_expired || !ready_.empty() ||
      ngtcp2_conn_get_expiry(connection) > now + NGTCP2_MILLISECONDS)
    return;
  // Nothing else has expired, so nothing else is done.
  const int result = ngtcp2_conn_handle_expiry(connection, now);
  if (result != 0) fail(result);
}

// Packets of one size along one path, and perhaps a last one that is shorter. False: there is no
// more to be sent now.
bool QuicConnection::write_batch() {
  const std::span<std::uint8_t> buffer = carrier_.packet_buffer();
  const std::size_t most = ngtcp2_conn_get_max_tx_udp_payload_size(connection_.get());
  const std::size_t quantum = ngtcp2_conn_get_send_quantum(connection_.get());
  const std::size_t max_packets = std::clamp<std::size_t>(quantum / most, 1, kMaxBatchPackets);
  Batch batch;
  for (std::size_t packets = 0; packets < max_packets && batch.size + most <= buffer.size();
       ++packets) {
    QuicPath path;
    const std::ptrdiff_t written = write_packet(path, buffer.subspan(batch.size, most));
    if (phase_ != Phase::kOpen) return false;
    if (written <= 0) {
      carry(batch, buffer.first(batch.size));
      return false;
    }
    const auto size = static_cast<std::size_t>(written);
    if (batch.size == 0) {
      batch = {path, 0, size};
    } else if (!(path == batch.path) || size > batch.segment) {
      // A probe, or for elsewhere: on its own.
      return carry(batch, buffer.first(batch.size)) &&
             carry({path, size, size}, buffer.subspan(batch.size, size));
    }
    batch.size += size;
    if (size < batch.segment) break;
  }
  return carry(batch, buffer.first(batch.size));
}

bool QuicConnection::carry(const Batch& batch, std::span<const std::uint8_t> packets) {
  if (packets.empty()) return true;
  if (carrier_.send(batch.path, packets, batch.segment)) return true;
  // They count as sent: kept, and not made anew.
  blocked_batch_ = batch;
  blocked_packets_.insert(blocked_packets_.end(), packets.begin(), packets.end());
  return false;
}

// One packet, of as many streams as it takes. 0 or less: there is none to be sent now.
std::ptrdiff_t QuicConnection::write_packet(QuicPath& path, std::span<std::uint8_t> buffer) {
  ngtcp2_path_storage where;
  ngtcp2_path_storage_zero(&where);
  for (;;) {
    const StreamId id = next_ready();
    std::array<std::string_view, kMaxPieces> pieces;
    std::array<ngtcp2_vec, kMaxPieces> vectors;
    std::size_t count = 0;
    bool is_end = false;
    if (id >= 0) count = outs_.at(id).queue.gather(pieces, is_end);
    for (std::size_t i = 0; i < count; ++i)
      vectors[i] = {reinterpret_cast<std::uint8_t*>(const_cast<char*>(pieces[i].data())),
                    pieces[i].size()};
    std::uint32_t flags = NGTCP2_WRITE_STREAM_FLAG_NONE;
    if (id >= 0) flags |= NGTCP2_WRITE_STREAM_FLAG_MORE;
    if (is_end) flags |= NGTCP2_WRITE_STREAM_FLAG_FIN;
    ngtcp2_pkt_info info{};
    ngtcp2_ssize taken = -1;
    const ngtcp2_ssize written = ngtcp2_conn_writev_stream(
        connection_.get(), &where.path, &info, buffer.data(), buffer.size(), &taken, flags, id,
        vectors.data(), count, to_quic_time(now_));
    std::size_t offered = 0;
    for (std::size_t i = 0; i < count; ++i) offered += pieces[i].size();
    const bool has_end = is_end && taken == static_cast<ngtcp2_ssize>(offered);
    if (after_write(written, id, taken, has_end)) continue;
    if (written > 0) path = from_path(where.path);
    return written;
  }
}

// Notes what a stream has given. True: the packet has room for another.
bool QuicConnection::after_write(std::ptrdiff_t result, StreamId id, std::ptrdiff_t taken,
                                 bool has_end) {
  if (id >= 0 && taken >= 0) {
    Out& out = outs_.at(id);
    out.queue.sent(static_cast<std::size_t>(taken), has_end);
    ready_.pop_front();
    out.is_ready = false;
    make_ready(id, out);  // behind the others
  }
  if (result >= 0) return false;
  switch (result) {
    case NGTCP2_ERR_WRITE_MORE:
      return true;
    case NGTCP2_ERR_STREAM_DATA_BLOCKED:
      outs_.at(id).is_blocked = true;
      break;
    case NGTCP2_ERR_STREAM_SHUT_WR:
      // The peer does not want it: ngtcp2 has answered with a reset by itself.
      note({.kind = Event::Kind::kStopped, .stream = id});
      outs_.at(id).queue.clear();
      break;
    case NGTCP2_ERR_STREAM_NOT_FOUND:
      outs_.at(id).queue.clear();
      break;
    default:
      fail(static_cast<int>(result));
      return false;
  }
  outs_.at(id).is_ready = false;
  ready_.pop_front();
  return true;
}

// The stream whose turn it is, or -1.
StreamId QuicConnection::next_ready() noexcept {
  while (!ready_.empty()) {
    const StreamId id = ready_.front();
    const auto out = outs_.find(id);
    if (out != outs_.end() && out->second.is_ready && out->second.queue.wants_to_send()) {
      // A stream that is not blocked itself hears nothing when the connection's credit comes.
      const bool can_send =
          out->second.queue.unsent() == 0 || ngtcp2_conn_get_max_data_left(connection_.get()) > 0;
      return can_send ? id : -1;
    }
    if (out != outs_.end()) out->second.is_ready = false;
    ready_.pop_front();
  }
  return -1;
}

void QuicConnection::make_ready(StreamId id, Out& out) {
  if (out.is_ready || out.is_blocked || !out.queue.wants_to_send()) return;
  out.is_ready = true;
  ready_.push_back(id);
}

// ---- Time

QuicConnection::Time QuicConnection::deadline() const noexcept {
  if (phase_ != Phase::kOpen) return over_at_;
  const Time next = from_quic_time(ngtcp2_conn_get_expiry(connection_.get()));
  // While the socket takes nothing, making more packets would be of no use.
  return std::min(blocked_packets_.empty() ? next : Time::max(), handler_->deadline());
}

void QuicConnection::on_deadline(Time now) {
  now_ = now;
  if (phase_ != Phase::kOpen) {
    if (now >= over_at_) phase_ = Phase::kOver;
    return;
  }
  handler_->on_deadline();
  if (from_quic_time(ngtcp2_conn_get_expiry(connection_.get())) <= now) {
    const int result = ngtcp2_conn_handle_expiry(connection_.get(), to_quic_time(now));
    if (result != 0) fail(result);
  }
  carrier_.flush_later();
}

bool QuicConnection::migrate(const Endpoint& local, Time now) {
  now_ = now;
  QuicPath path = from_path(*ngtcp2_conn_get_path(connection_.get()));
  path.local = local;
  const ngtcp2_path where = to_path(path);
  carrier_.flush_later();
  return ngtcp2_conn_initiate_immediate_migration(connection_.get(), &where, to_quic_time(now)) ==
         0;
}

bool QuicConnection::update_keys(Time now) {
  now_ = now;
  carrier_.flush_later();
  return ngtcp2_conn_initiate_key_update(connection_.get(), to_quic_time(now)) == 0;
}

// ---- The end

void QuicConnection::close(H3Code code, std::string reason) {
  if (phase_ != Phase::kOpen || close_) return;
  close_ = std::make_unique<Close>();
  close_->reason = clip_quic_reason(std::move(reason));
  close_->error = make_application_close(static_cast<std::uint64_t>(code), close_->reason);
  carrier_.flush_later();
}

void QuicConnection::send_close() {
  std::array<std::uint8_t, 1280> buffer;
  ngtcp2_path_storage where;
  ngtcp2_path_storage_zero(&where);
  ngtcp2_pkt_info info{};
  const ngtcp2_ssize size =
      ngtcp2_conn_write_connection_close(connection_.get(), &where.path, &info, buffer.data(),
                                         buffer.size(), &close_->error, to_quic_time(now_));
  close_.reset();
  if (size <= 0) return begin_closing(Phase::kOver);
  close_packet_.assign(buffer.begin(), buffer.begin() + size);
  close_path_ = from_path(where.path);
  carrier_.send(close_path_, close_packet_, close_packet_.size());
  begin_closing(Phase::kClosing);
}

// Late packets are answered, or at least not taken for those of a stranger, for three PTO.
void QuicConnection::begin_closing(Phase phase) {
  phase_ = phase;
  over_at_ = phase == Phase::kOver
                 ? now_
                 : now_ + std::chrono::nanoseconds(3 * ngtcp2_conn_get_pto(connection_.get()));
  outs_.clear();
  ready_.clear();
  blocked_packets_.clear();
  carrier_.flush_later();
}

void QuicConnection::fail(int error) {
  switch (error) {
    case NGTCP2_ERR_RETRY:
      wants_retry_ = true;
      return begin_closing(Phase::kOver);
    case NGTCP2_ERR_DROP_CONN:
      return begin_closing(Phase::kOver);
    case NGTCP2_ERR_DRAINING:
      begin_closing(Phase::kDraining);
      return lost(why_peer_closed());
    case NGTCP2_ERR_IDLE_CLOSE:
      begin_closing(Phase::kOver);
      return lost("The peer has been silent for " +
                  print_seconds(agreed_idle_timeout(connection_.get(), options_.idle_timeout)) +
                  ".");
    case NGTCP2_ERR_HANDSHAKE_TIMEOUT:
      begin_closing(Phase::kOver);
      return lost("The handshake has taken too long.");
    case NGTCP2_ERR_RECV_VERSION_NEGOTIATION:
      begin_closing(Phase::kOver);
      return lost("The server does not speak QUIC version 1.");
    default:
      break;
  }
  std::string why =
      "The peer broke the QUIC protocol: " + std::string(ngtcp2_strerror(error)) + ".";
  close_ = std::make_unique<Close>();
  if (error == NGTCP2_ERR_CRYPTO) {
    const std::uint8_t alert = ngtcp2_conn_get_tls_alert(connection_.get());
    close_->error = make_tls_close(alert);
    why = tls_.refusal().empty() ? "The TLS handshake failed: " + print_tls_alert(alert) + "."
                                 : tls_.refusal();
  } else {
    close_->error = make_library_close(error);
  }
  send_close();
  lost(std::move(why));
}

std::string QuicConnection::why_peer_closed() {
  if (was_reset_) return "The peer does not know this connection any more; it has been restarted.";
  return print_quic_close(get_quic_close(connection_.get()));
}

void QuicConnection::give_up(const std::string& why) {
  if (phase_ != Phase::kOpen) return;
  begin_closing(Phase::kOver);
  lost(why);
}

void QuicConnection::lost(const std::string& why) {
  // What came before the end comes first.
  deliver();
  handler_->on_lost(why);
}

}  // namespace capnweb
