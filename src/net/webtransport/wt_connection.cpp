#include "net/webtransport/wt_connection.hpp"

#include <algorithm>
#include <utility>

#include "net/webtransport/wt_error_code.hpp"

namespace capnweb {
namespace {

using std::chrono::milliseconds;

// A connection without a session ends after this.
constexpr milliseconds kSessionWithin{10'000};
// The application's code for streams that nobody has a use for.
constexpr std::uint32_t kUnwantedStream = 1;

constexpr std::uint64_t number(H3Code code) noexcept { return static_cast<std::uint64_t>(code); }

}  // namespace

WtConnection::WtConnection(H3Role role, QuicStreams& streams, WtOwner& owner,
                           const WebTransportOptions& options, std::size_t max_line,
                           IoScratch& scratch)
    : role_(role),
      streams_(streams),
      owner_(owner),
      options_(options),
      max_line_(max_line),
      scratch_(scratch),
      idle_since_(streams.now()) {}

WtConnection::~WtConnection() = default;

void WtConnection::on_ready() {
  is_ready_ = true;
  idle_since_ = streams_.now();
  const auto control = streams_.open_unidirectional();
  if (!control) return fail(H3Code::kGeneralProtocolError, "no stream is allowed for our settings");
  std::string head;
  append_h3_control_head(head);
  streams_.send(*control, std::move(head));
}

// ---- Streams

WtConnection::Stream& WtConnection::stream_of(StreamId id) {
  return peer_streams_.try_emplace(id, is_bidirectional_stream(id)).first->second;
}

void WtConnection::on_stream_data(StreamId id, std::string_view bytes, bool is_end) {
  if (is_closed_) return;
  Stream& stream = stream_of(id);
  if (stream.kind == Kind::kUnknown) {
    const std::size_t before = bytes.size();
    const H3StreamHead::Kind kind = stream.head.feed(bytes);
    streams_.credit(id, before - bytes.size());
    if (kind == H3StreamHead::Kind::kUnfinished) {
      // A stream that ends within its head says nothing.
      if (is_end) refuse_stream(id, stream, number(H3Code::kGeneralProtocolError));
      return;
    }
    begin_stream(id, stream, kind);
    if (is_closed_) return;
  }
  receive(id, stream, bytes, is_end);
}

void WtConnection::begin_stream(StreamId id, Stream& stream, H3StreamHead::Kind kind) {
  switch (kind) {
    case H3StreamHead::Kind::kControl:
      stream.frames.emplace(H3FrameReader::Stream::kControl);
      return begin_unique(id, stream, Kind::kControl, has_control_);
    case H3StreamHead::Kind::kQpackEncoder:
      return begin_unique(id, stream, Kind::kQpack, has_qpack_encoder_);
    case H3StreamHead::Kind::kQpackDecoder:
      return begin_unique(id, stream, Kind::kQpack, has_qpack_decoder_);
    case H3StreamHead::Kind::kPush:
      return fail(role_ == H3Role::kServer ? H3Code::kStreamCreationError : H3Code::kIdError,
                  "a push stream, which nobody has asked for");
    case H3StreamHead::Kind::kWebTransport:
      return begin_messages(id, stream);
    case H3StreamHead::Kind::kRequest:
      if (role_ == H3Role::kClient)
        return fail(H3Code::kStreamCreationError, "a request from the server");
      if (++requests_ > kMaxRequests)
        return fail(H3Code::kExcessiveLoad, "too many requests on one connection");
      stream.kind = Kind::kRequest;
      stream.frames.emplace(H3FrameReader::Stream::kRequest).begin_with(stream.head.first_frame());
      return;
    case H3StreamHead::Kind::kUnfinished:
    case H3StreamHead::Kind::kUnknown:
      stream.kind = Kind::kIgnored;
      streams_.stop(id, number(H3Code::kStreamCreationError));
      return;
  }
}

void WtConnection::begin_unique(StreamId, Stream& stream, Kind kind, bool& is_there) {
  if (std::exchange(is_there, true))
    return fail(H3Code::kStreamCreationError, "a stream of which there may be one only");
  stream.kind = kind;
}

// A stream of a session's; the session may be known, be still to come, or be gone.
void WtConnection::begin_messages(StreamId id, Stream& stream) {
  const StreamId connect_stream = stream.head.session_id();
  if (!is_session_id(connect_stream)) return fail(H3Code::kIdError, "a session that cannot be");
  if (WtSession* session = session_at(connect_stream)) return attach(id, stream, *session);
  const auto request = peer_streams_.find(connect_stream);
  const bool may_come =
      role_ == H3Role::kServer && (request == peer_streams_.end() || !request->second.has_headers);
  if (!may_come || early_streams_ == kMaxEarlyStreams)
    return refuse_stream(id, stream, number(H3Code::kWtBufferedStreamRejected));
  stream.kind = Kind::kEarly;
  ++early_streams_;
}

WtSession* WtConnection::session_at(StreamId connect_stream) noexcept {
  for (const auto& session : sessions_)
    if (session->connect_stream() == connect_stream) return session.get();
  return nullptr;
}

WtSession* WtConnection::find_session(const detail::SessionCore& core) noexcept {
  for (const auto& session : sessions_)
    if (&session->core() == &core) return session.get();
  return nullptr;
}

// The first of the client's bidirectional streams is the messages'; there is no use for others.
void WtConnection::attach(StreamId id, Stream& stream, WtSession& session) {
  if (session.phase() != WtSession::Phase::kOpen)
    return refuse_stream(id, stream, number(H3Code::kWtSessionGone));
  if (session.message_stream() || role_ == H3Role::kClient || !is_bidirectional_stream(id))
    return refuse_stream(id, stream, to_h3_code(kUnwantedStream));
  stream.kind = Kind::kMessages;
  stream.session = &session;
  session.set_message_stream(id);
}

void WtConnection::refuse_stream(StreamId id, Stream& stream, std::uint64_t code) {
  stream.kind = Kind::kIgnored;
  streams_.stop(id, code);
  if (is_bidirectional_stream(id)) streams_.reset(id, code);
}

void WtConnection::receive(StreamId id, Stream& stream, std::string_view bytes, bool is_end) {
  switch (stream.kind) {
    case Kind::kMessages:
      if (stream.session) return stream.session->receive(bytes, is_end, !owner_.holds_input());
      return streams_.credit(id, bytes.size());
    case Kind::kEarly:
      return receive_early(id, stream, bytes, is_end);
    case Kind::kControl:
    case Kind::kRequest:
      streams_.credit(id, bytes.size());
      receive_frames(id, stream, bytes);
      if (is_end && !is_closed_) receive_end(id, stream);
      return;
    case Kind::kQpack:
      streams_.credit(id, bytes.size());
      if (is_end) receive_end(id, stream);
      return;
    case Kind::kUnknown:
    case Kind::kIgnored:
      return streams_.credit(id, bytes.size());
  }
}

void WtConnection::receive_early(StreamId id, Stream& stream, std::string_view bytes, bool is_end) {
  if (early_bytes_ + bytes.size() > kMaxEarlyBytes) {
    streams_.credit(id, bytes.size());
    drop_early(id, stream);
    return refuse_stream(id, stream, number(H3Code::kWtBufferedStreamRejected));
  }
  early_bytes_ += bytes.size();
  stream.kept += bytes;
  stream.end_has_come = is_end;
}

void WtConnection::drop_early(StreamId id, Stream& stream) {
  --early_streams_;
  early_bytes_ -= stream.kept.size();
  streams_.credit(id, stream.kept.size());
  stream.kept = {};
}

void WtConnection::refuse_early(StreamId connect_stream) {
  for (auto& [id, stream] : peer_streams_) {
    if (stream.kind != Kind::kEarly || stream.head.session_id() != connect_stream) continue;
    drop_early(id, stream);
    refuse_stream(id, stream, number(H3Code::kWtSessionGone));
  }
}

void WtConnection::adopt_early(WtSession& session) {
  for (auto& [id, stream] : peer_streams_) {
    if (stream.kind != Kind::kEarly || stream.head.session_id() != session.connect_stream())
      continue;
    const std::string kept = std::exchange(stream.kept, {});
    --early_streams_;
    early_bytes_ -= kept.size();
    attach(id, stream, session);
    receive(id, stream, kept, stream.end_has_come);
  }
}

void WtConnection::on_stream_reset(StreamId id, std::uint64_t) {
  if (is_closed_) return;
  Stream& stream = stream_of(id);
  if (stream.kind == Kind::kControl || stream.kind == Kind::kQpack)
    return fail(H3Code::kClosedCriticalStream, "a stream that must not end has been reset");
  if (stream.session && stream.kind == Kind::kMessages) return stream.session->message_input_lost();
  if (stream.session) return stream.session->closed_by_peer(0, "");
  if (stream.kind == Kind::kRequest && stream.refused_status != 0)
    return refused(std::exchange(stream.refused_status, 0), stream.kept);
  if (stream.kind == Kind::kRequest && role_ == H3Role::kClient)
    return refused(0, "The server has reset the request.");
  if (is_bidirectional_stream(id)) streams_.reset(id, number(H3Code::kRequestCancelled));
}

void WtConnection::on_stream_stopped(StreamId id, std::uint64_t) {
  if (is_closed_) return;
  const auto found = peer_streams_.find(id);
  if (found == peer_streams_.end()) {
    // Of those that we open, the control stream alone is not in the table.
    if (!is_bidirectional_stream(id))
      fail(H3Code::kClosedCriticalStream, "our control stream is not read");
    return;
  }
  Stream& stream = found->second;
  if (!stream.session) return;
  if (stream.kind == Kind::kMessages)
    stream.session->message_output_lost();
  else
    stream.session->closed_by_peer(0, "");
}

void WtConnection::on_stream_sent(StreamId id) {
  const auto found = peer_streams_.find(id);
  if (found == peer_streams_.end() || found->second.kind != Kind::kMessages) return;
  if (WtSession* session = found->second.session) session->message_stream_sent();
}

void WtConnection::on_stream_closed(StreamId id) {
  const auto found = peer_streams_.find(id);
  if (found == peer_streams_.end()) return;
  Stream& stream = found->second;
  if (stream.kind == Kind::kEarly) drop_early(id, stream);
  WtSession* const session = stream.session;
  const Kind kind = stream.kind;
  peer_streams_.erase(found);
  if (!session || is_closed_) return;
  if (kind == Kind::kMessages)
    session->message_stream_sent();
  else
    session->connect_stream_closed();
}

void WtConnection::on_datagram(std::string_view bytes) {
  // They carry nothing of ours, but must name a session.
  const auto quarter = take_varint(bytes);
  if (!quarter || *quarter > kMaxVarint / 4)
    fail(H3Code::kDatagramError, "a datagram without a session");
}

// ---- Time and end

void WtConnection::on_flush() {
  for (const auto& session : sessions_) session->flush();
}

void WtConnection::on_flushed() {
  bool has_held_input = false;
  for (const auto& session : sessions_) {
    session->watch_unsent();
    has_held_input = has_held_input || session->has_held_input();
  }
  if (has_held_input && !owner_.holds_input()) owner_.on_held_input();
  sweep();
}

bool WtConnection::is_drained() const noexcept {
  return std::all_of(sessions_.begin(), sessions_.end(),
                     [](const auto& session) { return session->core().is_drained(); });
}

bool WtConnection::is_leaving() const noexcept {
  return std::any_of(sessions_.begin(), sessions_.end(), [](const auto& session) {
    return session->phase() != WtSession::Phase::kOpen;
  });
}

void WtConnection::handle_held_input() {
  if (owner_.holds_input()) return;
  for (std::size_t i = 0; i < sessions_.size() && !is_closed_; ++i) sessions_[i]->receive_held();
}

// Lets go of sessions that are over, and of the connection when it was for them: browsers would
// keep it open for nothing.
void WtConnection::sweep() {
  for (std::size_t i = 0; i < sessions_.size();) {
    if (sessions_[i]->phase() != WtSession::Phase::kOver) {
      ++i;
      continue;
    }
    const std::unique_ptr<WtSession> over = std::move(sessions_[i]);
    sessions_.erase(sessions_.begin() + static_cast<std::ptrdiff_t>(i));
    for (auto& [id, stream] : peer_streams_)
      if (stream.session == over.get()) stream.session = nullptr;
    owner_.on_session_over(over->core());
  }
  if (!sessions_.empty()) idle_since_ = streams_.now();
  if (sessions_.empty() && has_had_session_ && !std::exchange(is_closed_, true))
    streams_.close(H3Code::kNoError, "");
}

bool WtConnection::is_idle() const noexcept {
  return role_ == H3Role::kServer && sessions_.empty() && !is_closed_;
}

WtConnection::Time WtConnection::deadline() const noexcept {
  Time next = is_idle() ? idle_since_ + kSessionWithin : Time::max();
  for (const auto& session : sessions_) next = std::min(next, session->deadline());
  return next;
}

void WtConnection::on_deadline() {
  for (const auto& session : sessions_) session->on_deadline();
  if (is_idle() && streams_.now() >= idle_since_ + kSessionWithin) {
    is_closed_ = true;
    streams_.close(H3Code::kNoError, "no session was opened");
  }
}

void WtConnection::close(std::uint32_t code, std::string_view reason) {
  if (is_closed_) return;
  if (sessions_.empty()) {
    is_closed_ = true;
    return streams_.close(H3Code::kNoError, std::string(reason));
  }
  for (std::size_t i = 0; i < sessions_.size(); ++i) sessions_[i]->close(code, reason);
}

void WtConnection::on_lost(std::string_view why) {
  is_closed_ = true;
  refused(0, why);
  const Error reason("WebTransport connection failed. " + std::string(why));
  for (std::size_t i = 0; i < sessions_.size(); ++i) sessions_[i]->connection_lost(reason);
  sweep();
}

void WtConnection::fail(H3Code code, std::string_view why) {
  if (std::exchange(is_closed_, true)) return;
  streams_.close(code, std::string(why));
  const std::string sentence = "The peer broke the protocol: " + std::string(why) + ".";
  refused(0, sentence);
  const Error reason("WebTransport connection failed. " + sentence);
  for (std::size_t i = 0; i < sessions_.size(); ++i) sessions_[i]->connection_lost(reason);
}

void WtConnection::fail_stream(StreamId id, Stream& stream, H3Code code) {
  stream.kind = Kind::kIgnored;
  streams_.reset(id, number(code));
  streams_.stop(id, number(code));
  if (stream.session) std::exchange(stream.session, nullptr)->connect_stream_closed();
}

}  // namespace capnweb
