// The part of WtConnection that deals in frames: settings, requests, responses.
#include <utility>

#include "net/webtransport/wt_connection.hpp"

namespace capnweb {
namespace {

// Of what a server says about its refusal.
constexpr std::size_t kMaxRefusalText = 1000;

}  // namespace

// ---- Frames

void WtConnection::receive_frames(StreamId id, Stream& stream, std::string_view bytes) {
  while (stream.kind == Kind::kControl || stream.kind == Kind::kRequest) {
    const H3FrameEvent event = stream.frames->next(bytes);
    if (event.kind == H3FrameEvent::Kind::kNone) return;
    handle_frame(id, stream, event);
    if (is_closed_) return;
  }
}

void WtConnection::handle_frame(StreamId id, Stream& stream, const H3FrameEvent& event) {
  switch (event.kind) {
    case H3FrameEvent::Kind::kHeaders:
      return receive_headers(id, stream, event.payload);
    case H3FrameEvent::Kind::kData:
      return receive_body(id, stream, event.payload);
    case H3FrameEvent::Kind::kSettings:
      return receive_settings(event.payload);
    case H3FrameEvent::Kind::kError:
      return fail(event.error.code, event.error.reason);
    case H3FrameEvent::Kind::kGoaway:  // we open no second request
    case H3FrameEvent::Kind::kNone:
      return;
  }
}

void WtConnection::receive_settings(std::string_view payload) {
  auto read = parse_h3_settings(payload);
  if (const auto* error = std::get_if<H3Error>(&read)) return fail(error->code, error->reason);
  settings_ = std::get<H3Settings>(read);
  if (role_ == H3Role::kClient) send_request();
}

void WtConnection::receive_headers(StreamId id, Stream& stream, std::string_view section) {
  auto fields = qpack_.decode(id, section);
  if (const auto* error = std::get_if<H3Error>(&fields)) {
    if (error->code == H3Code::kQpackDecompressionFailed) return fail(error->code, error->reason);
    if (stream.has_headers || role_ == H3Role::kClient) return fail_stream(id, stream, error->code);
    stream.has_headers = true;
    return respond(id, stream,
                   {.status = 431, .text = "The request's headers are too many or too large."});
  }
  if (role_ == H3Role::kClient) return receive_response(id, stream, std::get<H3Fields>(fields));
  // Trailers say nothing to us, and a session's stream has none.
  if (std::exchange(stream.has_headers, true)) {
    if (stream.session) fail_stream(id, stream, H3Code::kMessageError);
    return;
  }
  receive_request(id, stream, std::get<H3Fields>(fields));
}

void WtConnection::receive_body(StreamId id, Stream& stream, std::string_view bytes) {
  if (stream.refused_status != 0)
    stream.kept += bytes.substr(0, kMaxRefusalText - stream.kept.size());
  while (stream.session && !bytes.empty()) {
    const WtCapsuleEvent event = stream.capsules.next(bytes);
    if (event.kind == WtCapsuleEvent::Kind::kNone) return;
    if (event.kind == WtCapsuleEvent::Kind::kError)
      return fail_stream(id, stream, event.error.code);
    if (event.kind == WtCapsuleEvent::Kind::kClose)
      stream.session->closed_by_peer(event.code, event.reason);
  }
}

void WtConnection::receive_end(StreamId id, Stream& stream) {
  if (stream.kind != Kind::kRequest) {
    if (stream.kind == Kind::kControl || stream.kind == Kind::kQpack)
      fail(H3Code::kClosedCriticalStream, "a stream that must not end has ended");
    return;
  }
  if (!stream.frames->is_between_frames())
    return fail(H3Code::kFrameError, "a stream ends within a frame");
  if (stream.session) return stream.session->closed_by_peer(0, "");
  if (stream.refused_status != 0)
    return refused(std::exchange(stream.refused_status, 0), stream.kept);
  if (role_ == H3Role::kClient) return refused(0, "The server has ended the request.");
  if (!stream.has_headers) fail_stream(id, stream, H3Code::kMessageError);
}

// ---- A server's requests

void WtConnection::receive_request(StreamId id, Stream& stream, const H3Fields& fields) {
  const auto request = read_h3_request(fields);
  if (std::holds_alternative<H3Error>(request))
    return fail_stream(id, stream, H3Code::kMessageError);
  decide(id, stream, std::get<H3Request>(request));
}

void WtConnection::decide(StreamId id, Stream& stream, const H3Request& request) {
  if (!request.wants_webtransport())
    return respond(id, stream, {.status = 404, .text = "There is nothing here but WebTransport."});
  if (sessions_.size() >= kMaxSessions)
    return respond(id, stream,
                   {.status = 429, .text = "There are too many sessions on this connection."});
  auto opened = owner_.open_session(request);
  if (is_closed_) return;
  if (const auto* refusal = std::get_if<WtRefusal>(&opened)) return respond(id, stream, *refusal);
  accept(id, stream, std::get<WtOwner::SessionRef>(std::move(opened)));
}

void WtConnection::accept(StreamId id, Stream& stream, WtOwner::SessionRef core) {
  // Older clients look for the draft's name.
  send_headers(id, {{":status", "200"}, {"sec-webtransport-http3-draft", "draft02"}});
  sessions_.push_back(std::make_unique<WtSession>(role_, streams_, id, std::move(core), options_,
                                                  max_line_, scratch_));
  has_had_session_ = true;
  WtSession& session = *sessions_.back();
  stream.session = &session;
  adopt_early(session);
}

void WtConnection::respond(StreamId id, Stream& stream, const WtRefusal& refusal) {
  stream.kind = Kind::kIgnored;  // what else it brings is not looked at
  refuse_early(id);
  H3Fields fields = {{":status", std::to_string(refusal.status)},
                     {"content-type", "text/plain;charset=UTF-8"},
                     {"x-content-type-options", "nosniff"}};
  for (const auto& [name, value] : refusal.headers.pairs()) fields.emplace_back(name, value);
  send_headers(id, fields);
  std::string body;
  append_h3_frame_head(body, H3Frame::kData, refusal.text.size());
  streams_.send(id, body + refusal.text);
  streams_.finish(id);
  streams_.stop(id, static_cast<std::uint64_t>(H3Code::kNoError));
}

void WtConnection::send_headers(StreamId id, const H3Fields& fields) {
  const std::string section = qpack_.encode(id, fields);
  std::string frame;
  append_h3_frame_head(frame, H3Frame::kHeaders, section.size());
  streams_.send(id, frame + section);
}

// ---- A client's request

void WtConnection::connect(H3Fields request, WtOwner::SessionRef session) {
  request_ = std::move(request);
  wanted_ = std::move(session);
  send_request();
}

void WtConnection::send_request() {
  if (!wanted_ || !settings_) return;
  if (!settings_->can_open_sessions())
    return refused(0, "The server speaks HTTP/3, but not WebTransport.");
  const auto id = streams_.open_bidirectional();
  if (!id) return refused(0, "The server allows no streams.");
  Stream& stream = stream_of(*id);
  stream.kind = Kind::kRequest;
  stream.frames.emplace(H3FrameReader::Stream::kRequest);
  send_headers(*id, std::exchange(request_, {}));
}

void WtConnection::receive_response(StreamId id, Stream& stream, const H3Fields& fields) {
  if (stream.has_headers) return;  // trailers
  const auto read = read_h3_response(fields);
  if (std::holds_alternative<H3Error>(read)) {
    fail_stream(id, stream, H3Code::kMessageError);
    return refused(0, "The server's response is malformed.");
  }
  const int status = std::get<H3Response>(read).status;
  if (status < 200) return;
  stream.has_headers = true;
  if (status >= 300) {
    stream.refused_status = status;  // its text follows
    return;
  }
  if (!wanted_) return;
  const auto messages = streams_.open_bidirectional();
  if (!messages) return refused(0, "The server allows no stream for messages.");
  sessions_.push_back(std::make_unique<WtSession>(
      role_, streams_, id, std::exchange(wanted_, nullptr), options_, max_line_, scratch_));
  has_had_session_ = true;
  WtSession& session = *sessions_.back();
  stream.session = &session;
  Stream& message_stream = stream_of(*messages);
  message_stream.kind = Kind::kMessages;
  message_stream.session = &session;
  // At once: the server knows of the stream by its head only, and may speak first.
  std::string head;
  append_wt_stream_head(head, id);
  streams_.send(*messages, std::move(head));
  session.set_message_stream(*messages);
  owner_.on_opened();
}

void WtConnection::refused(int status, std::string_view text) {
  if (!std::exchange(wanted_, nullptr)) return;
  owner_.on_refused(status, text);
}

}  // namespace capnweb
