#include "net/websocket_protocol.hpp"

#include <algorithm>
#include <utility>

#include "net/buffers.hpp"
#include "net/message_time.hpp"

namespace capnweb {

namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;

// Messages of this size are sent from where they are; smaller ones are copied together.
constexpr std::size_t kLarge = 16 * 1024;

// For a message that is late while bytes of it wait.
constexpr milliseconds kGrace(1'000);

std::string seconds(milliseconds time) {
  const auto count = time.count();
  return count % 1000 ? std::to_string(count) + " ms" : std::to_string(count / 1000) + " s";
}

Error connection_failed(std::string_view why) {
  return Error("WebSocket connection failed. " + std::string(why));
}

Error peer_closed(unsigned code, std::string_view reason) {  // (T-21)
  return Error("Peer closed WebSocket: " + std::to_string(code) + " " + std::string(reason));
}

}  // namespace

WebSocketProtocol::WebSocketProtocol(WebSocketRole role, detail::Ref<detail::SessionCore> session,
                                     std::shared_ptr<const WebSocketOptions> options,
                                     std::size_t max_message_bytes, WsMaskSource& masks, Time now)
    : role_(role),
      session_(std::move(session)),
      options_(std::move(options)),
      max_message_bytes_(max_message_bytes),
      masks_(masks),
      reader_(role, max_message_bytes),
      heard_(now) {}

// ---- Input

bool WebSocketProtocol::wants_input() const noexcept {
  if (phase_ == Phase::kOpen) return !is_paused_;
  return phase_ != Phase::kOver;
}

std::span<char> WebSocketProtocol::receive(std::span<char> bytes, Time now) {
  heard_ = now;
  waits_for_pong_ = false;
  const std::span<char> rest = take(bytes);
  if (buffered() == 0 || !rest.empty())
    message_began_.reset();
  else if (!message_began_)
    message_began_ = now;
  return rest;
}

std::span<char> WebSocketProtocol::take(std::span<char> bytes) {
  for (std::size_t messages = 0; messages < kMessagesPerTurn;) {
    const WsEvent event = reader_.next(bytes);
    if (event.kind == WsEvent::Kind::kNone) return {};
    if (event.kind == WsEvent::Kind::kText) {
      ++messages;
      message_began_.reset();
      session_->receive(event.payload);
      // What is behind a message that ended the session is not processed (M-45).
      if (session_->end_reason()) reader_.skip_messages();
      // So much to say already: the rest waits until that is on its way.
      if (session_->output_size() >= options_->pause_reading_at) return bytes;
    } else {
      handle(event);
    }
  }
  return bytes;
}

void WebSocketProtocol::handle(const WsEvent& event) {
  switch (event.kind) {
    case WsEvent::Kind::kBinary:
      session_->abort(Error::syntax_error("\"[object ArrayBuffer]\" is not valid JSON"));  // T-18
      break;
    case WsEvent::Kind::kPing:
      // A peer that pings and does not read is owed nothing.
      if (unsent_ < options_->pause_reading_at) send_control(WsOpcode::kPong, event.payload);
      break;
    case WsEvent::Kind::kClose:
      on_close_frame(event);
      break;
    case WsEvent::Kind::kError:
      on_error(event);
      break;
    case WsEvent::Kind::kNone:
    case WsEvent::Kind::kText:
    case WsEvent::Kind::kPong:
      break;
  }
}

void WebSocketProtocol::on_close_frame(const WsEvent& event) {
  if (phase_ == Phase::kOpen) {
    session_->disconnected(peer_closed(event.code, event.payload));
    begin_close(event.code == kWsNoCode ? "" : ws_close_payload(event.code, ""), Phase::kLingering,
                heard_);
  } else if (phase_ == Phase::kClosing) {
    phase_ = Phase::kLingering;
  }
}

void WebSocketProtocol::on_error(const WsEvent& event) {
  if (phase_ != Phase::kOpen) return;
  std::string reason(event.payload);
  if (event.code == kWsTooBig) {
    reason = "Incoming message exceeds maximum size of " + std::to_string(max_message_bytes_ / 3) +
             " UTF-16 code units.";
    session_->abort(Error::type_error(reason));
    take_messages_now();
  } else {
    session_->disconnected(connection_failed("The peer broke the protocol: " + reason + "."));
  }
  begin_close(ws_close_payload(event.code, reason), Phase::kLingering, heard_);
}

void WebSocketProtocol::end_of_input() {
  if (phase_ == Phase::kOpen) session_->disconnected(peer_closed(kWsAbnormal, ""));
  phase_ = Phase::kOver;
}

void WebSocketProtocol::fail(Error reason) {
  if (phase_ == Phase::kOpen) session_->disconnected(std::move(reason));
  phase_ = Phase::kOver;
}

// ---- Output

const WsMaskKey* WebSocketProtocol::next_key() {
  if (role_ == WebSocketRole::kServer) return nullptr;
  key_ = masks_.next();
  return &key_;
}

void WebSocketProtocol::send_control(WsOpcode opcode, std::string_view payload) {
  if (phase_ == Phase::kOpen) append_ws_frame(prepared_, opcode, payload, next_key());
}

// For output that must go although the session is about to end otherwise.
void WebSocketProtocol::take_messages_now() {
  Outbox outbox;
  session_->take_output(outbox);
  for (std::size_t i = 0; i < outbox.size(); ++i)
    append_ws_frame(prepared_, WsOpcode::kText, outbox[i], next_key());
}

void WebSocketProtocol::compose(IoScratch& scratch, Time now) {
  std::string& out = scratch.block.small();
  out += prepared_;
  if (!prepared_.empty()) let_go(prepared_);
  if (phase_ == Phase::kOpen) {
    if (session_->has_output()) add_messages(scratch);
    if (const Error* reason = session_->end_reason())
      begin_close(ws_close_payload(kWsSessionEnded, reason->message()), Phase::kClosing, now);
  }
  if (close_) append_ws_frame(out, WsOpcode::kClose, *close_, next_key());
  close_.reset();
  scratch.block.seal();
}

void WebSocketProtocol::add_messages(IoScratch& scratch) {
  Outbox& outbox = scratch.outbox;
  SendBlock& block = scratch.block;
  session_->take_output(outbox);
  bool has_large = false;
  std::size_t begin = 0;
  for (const std::size_t end : outbox.ends) {
    const std::size_t size = end - begin;
    const WsMaskKey* key = next_key();
    if (size < kLarge) {
      append_ws_frame(block.small(), WsOpcode::kText, {outbox.text.data() + begin, size}, key);
    } else {
      append_ws_header(block.small(), WsOpcode::kText, size, key);
      if (key) apply_ws_mask(outbox.text.data() + begin, size, *key);
      block.add_large(begin, size);
      has_large = true;
    }
    begin = end;
  }
  if (has_large) block.large().swap(outbox.text);
  clear_buffer(outbox.text, kKeptBuffer);
  outbox.clear();
}

void WebSocketProtocol::begin_close(std::string payload, Phase next, Time now) {
  phase_ = next;
  over_at_ = now + options_->close_within;
  close_ = std::make_unique<std::string>(std::move(payload));
  reader_.skip_messages();
}

void WebSocketProtocol::close(std::uint16_t code, std::string_view reason, Time now) {
  if (phase_ != Phase::kOpen) return;
  take_messages_now();
  session_->disconnected(Error(std::string(reason)));
  begin_close(ws_close_payload(code, reason), Phase::kClosing, now);
}

// ---- Time

void WebSocketProtocol::on_unsent(const SendQueue& queue, bool has_progressed, Time now) {
  if (has_progressed || unsent_ == 0) progressed_ = now;
  unsent_ = queue.size();
  if (role_ == WebSocketRole::kClient || phase_ != Phase::kOpen) return;
  if (is_paused_ ? unsent_ <= options_->resume_reading_at : unsent_ >= options_->pause_reading_at) {
    is_paused_ = !is_paused_;
    heard_ = now;
    waits_for_pong_ = false;
    if (message_began_) message_began_ = now;
  }
  if (unsent_ > options_->max_unsent && queue.size_without_first_message() > options_->max_unsent)
    give_up("The peer reads too slowly: " + std::to_string(unsent_) + " bytes wait for it.", now);
}

WebSocketProtocol::Time WebSocketProtocol::deadline() const noexcept {
  if (phase_ != Phase::kOpen) return phase_ == Phase::kOver ? Time::max() : over_at_;
  Time next = message_due();
  if (unsent_ > 0) next = std::min(next, progressed_ + options_->stalled_after);
  if (options_->ping_after.count() > 0 && !is_paused_)
    next = std::min(
        next, waits_for_pong_ ? pinged_ + options_->pong_within : heard_ + options_->ping_after);
  return next;
}

WebSocketProtocol::Time WebSocketProtocol::message_due() const noexcept {
  if (!message_began_ || is_paused_ || role_ == WebSocketRole::kClient) return Time::max();
  return *message_began_ + message_time(buffered());
}

void WebSocketProtocol::on_deadline(Time now, bool input_waits) {
  if (now < deadline()) return;
  if (phase_ != Phase::kOpen) {
    phase_ = Phase::kOver;
    return;
  }
  if (unsent_ > 0 && now >= progressed_ + options_->stalled_after)
    return give_up("The peer has read nothing for " + seconds(options_->stalled_after) + ".", now);
  if (const Time due = message_due(); now >= due) {
    if (!input_waits) return give_up(kMessageTooSlow, now);
    // It is us who were busy, perhaps: what waits is looked at first.
    *message_began_ += now - due + kGrace;
  } else if (!waits_for_pong_) {
    send_control(WsOpcode::kPing, "");
    waits_for_pong_ = true;
    pinged_ = now;
  } else if (input_waits) {
    // It is us who were busy.
    heard_ = now;
    waits_for_pong_ = false;
  } else {
    fail(connection_failed("The peer has been silent for " +
                           seconds(duration_cast<milliseconds>(now - heard_)) +
                           " and did not answer a ping."));
  }
}

// The close frame waits behind what the peer does not read; it gets a last chance to come there.
void WebSocketProtocol::give_up(const std::string& why, Time now) {
  session_->disconnected(connection_failed(why));
  begin_close(ws_close_payload(kWsTryAgainLater, why), Phase::kLingering, now);
}

}  // namespace capnweb
