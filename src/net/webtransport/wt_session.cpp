#include "net/webtransport/wt_session.hpp"

#include <algorithm>
#include <utility>

#include "net/buffers.hpp"
#include "net/half_received.hpp"
#include "net/message_time.hpp"
#include "net/webtransport/wt_capsule_reader.hpp"

namespace capnweb {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// Messages of this size count one by one.
constexpr std::size_t kLarge = 16 * 1024;
// How long a peer whose messages have ended may take to say why.
constexpr milliseconds kReasonWithin{1'000};
// How long a client may take to open the messages' stream.
constexpr milliseconds kMessagesWithin{10'000};

// Codes of the close capsule.
constexpr std::uint32_t kEnded = 0;
constexpr std::uint32_t kAborted = 1;
constexpr std::uint32_t kGivenUp = 2;

std::uint64_t session_gone() noexcept { return static_cast<std::uint64_t>(H3Code::kWtSessionGone); }

Error connection_failed(std::string_view why) {
  return Error("WebTransport connection failed. " + std::string(why));
}

Error peer_closed(std::uint32_t code, std::string_view reason) {
  return Error("Peer closed WebTransport: " + std::to_string(code) + " " + std::string(reason));
}

// Each message and a line's end behind it. JSON text has no line's end in it.
std::string join_lines(const Outbox& outbox) {
  std::string text;
  text.reserve(outbox.text.size() + outbox.size());
  for (std::size_t i = 0; i < outbox.size(); ++i) {
    text += outbox[i];
    text += '\n';
  }
  return text;
}

}  // namespace

WtSession::WtSession(H3Role role, QuicStreams& streams, StreamId connect_stream,
                     detail::Ref<detail::SessionCore> session, const WebTransportOptions& options,
                     std::size_t max_line, IoScratch& scratch)
    : role_(role),
      streams_(streams),
      connect_stream_(connect_stream),
      session_(std::move(session)),
      options_(options),
      max_line_(max_line),
      scratch_(scratch),
      opened_(streams.now()),
      lines_(max_line) {}

WtSession::~WtSession() { scratch_.half_received -= half_received_; }

// ---- Input

void WtSession::receive(std::string_view bytes, bool is_end, bool may_handle) {
  end_has_come_ = end_has_come_ || is_end;
  if (!is_open()) {
    if (message_stream_) streams_.credit(*message_stream_, bytes.size());
    return;
  }
  // Not from within a message that is being handled, and in order.
  const bool has_to_wait = !may_handle || is_paused_ || is_handling_ || !held_.empty();
  if (has_to_wait || !take_lines(bytes)) held_ += bytes;
  count_held();
  take_end();
}

void WtSession::receive_held() {
  if (!has_held_input()) return;
  const std::string bytes = std::exchange(held_, {});
  std::string_view rest = bytes;
  if (!take_lines(rest)) held_.insert(0, rest);
  count_held();
  take_end();
}

// Handles lines from the front of `bytes`, and credits them. False if some have to wait.
bool WtSession::take_lines(std::string_view& bytes) {
  const std::size_t before = bytes.size();
  is_handling_ = true;
  std::size_t messages = 0;
  // So much to say already: the rest waits until that is on its way.
  while (is_open() && messages < kMessagesPerTurn &&
         session_->output_size() < options_.pause_reading_at) {
    const WtLineEvent event = lines_.next(bytes);
    if (event.kind == WtLineEvent::Kind::kNone) break;
    if (event.kind != WtLineEvent::Kind::kLine) {
      fail_line(event.kind);
      break;
    }
    ++messages;
    message_began_.reset();
    session_->receive(event.line);
    if (session_->end_reason()) break;
  }
  is_handling_ = false;
  // What is behind a message that ended the session is not processed (M-45).
  if (!is_open() || session_->end_reason()) bytes = {};
  streams_.credit(*message_stream_, before - bytes.size());
  return bytes.empty();
}

// The end of the messages' stream, once all before it is handled: the peer is gone.
void WtSession::take_end() {
  if (!end_has_come_ || !held_.empty() || is_handling_ || !is_open()) return;
  message_input_lost();
}

void WtSession::message_input_lost() {
  if (!is_open() || session_->end_reason()) return;
  // Why is said on the CONNECT stream, usually at once.
  leaves_at_ = streams_.now() + std::min(options_.close_within, kReasonWithin);
  drop_input();
}

void WtSession::message_output_lost() {
  if (phase_ == Phase::kLastWords) return say_close();
  message_input_lost();
}

void WtSession::count_held() {
  const std::size_t held = lines_.buffered() + held_.size();
  std::size_t& total = scratch_.half_received;
  total += held - half_received_;
  half_received_ = held;
  if (lines_.buffered() == 0 || !held_.empty())
    message_began_.reset();
  else if (!message_began_)
    message_began_ = streams_.now();
  if (holds_too_much(half_received_, total) && is_open())
    close(kGivenUp, "Too many large messages are arriving at once.");
}

void WtSession::fail_line(WtLineEvent::Kind kind) {
  if (kind == WtLineEvent::Kind::kTooLong)
    session_->abort(Error::type_error("Incoming message exceeds maximum size of " +
                                      std::to_string(max_line_ / 3) + " UTF-16 code units."));
  else
    session_->abort(Error::syntax_error("Incoming message is not valid UTF-8."));
}

// What was held is credited, for the other sessions of the connection.
void WtSession::drop_input() {
  if (message_stream_) streams_.credit(*message_stream_, held_.size());
  let_go(held_);
  lines_.skip();
  count_held();
}

// ---- Output

void WtSession::flush() {
  if (phase_ != Phase::kOpen) return;
  if (message_stream_ && !leaves_at_ && session_->has_output()) send_messages();
  if (const Error* reason = session_->end_reason())
    leave(has_said_abort_ ? kAborted : kEnded, has_said_abort_ ? reason->message() : "");
}

void WtSession::send_messages() {
  Outbox& outbox = scratch_.outbox;
  session_->take_output(outbox);
  has_said_abort_ = outbox[outbox.size() - 1].starts_with("[\"abort\"");
  for (std::size_t i = 0; i < outbox.size(); ++i) {
    const std::size_t size = outbox[i].size() + 1;
    sent_ += size;
    if (size >= kLarge) larges_.push_back({sent_, size});
  }
  streams_.send(*message_stream_, join_lines(outbox));
  clear_buffer(outbox.text, kKeptBuffer);
  outbox.clear();
}

void WtSession::watch_unsent() {
  if (phase_ != Phase::kOpen || !message_stream_) return;
  const std::size_t unsent = streams_.unsent(*message_stream_);
  if (unsent_ == 0 || unsent < unsent_) progressed_ = streams_.now();
  unsent_ = unsent;
  session_->set_unsent(unsent);
  const std::size_t behind = unsent_without_first_message();
  // If both sides did this, both could wait for ever.
  if (role_ == H3Role::kClient) return;
  if (is_paused_ ? unsent_ <= options_.resume_reading_at : unsent_ >= options_.pause_reading_at)
    is_paused_ = !is_paused_;
  if (behind > options_.max_unsent)
    close(kGivenUp,
          "The peer reads too slowly: " + std::to_string(unsent_) + " bytes wait for it.");
}

// One large answer is no fault of the peer's.
std::size_t WtSession::unsent_without_first_message() noexcept {
  const std::uint64_t taken = sent_ - unsent_;
  std::erase_if(larges_, [taken](const Large& large) { return large.end <= taken; });
  if (larges_.empty()) return unsent_;
  const Large& first = larges_.front();
  return unsent_ - std::min<std::size_t>(first.size, first.end - taken);
}

// ---- The end

void WtSession::close(std::uint32_t code, std::string_view reason) {
  if (phase_ != Phase::kOpen) return;
  if (message_stream_ && !leaves_at_ && session_->has_output()) send_messages();
  session_->disconnected(Error(std::string(reason)));
  leave(code, std::string(reason));
}

void WtSession::leave(std::uint32_t code, std::string reason) {
  close_code_ = code;
  close_reason_ = std::move(reason);
  over_at_ = streams_.now() + options_.close_within;
  phase_ = Phase::kLastWords;
  drop_input();
  if (!message_stream_ || leaves_at_) return say_close();
  streams_.finish(*message_stream_);
}

void WtSession::message_stream_sent() {
  if (phase_ == Phase::kLastWords) say_close();
}

void WtSession::say_close() {
  phase_ = Phase::kClosing;
  over_at_ = streams_.now() + options_.close_within;
  end_message_stream();
  std::string capsule;
  append_wt_close(capsule, close_code_, close_reason_);
  streams_.send(connect_stream_, std::move(capsule));
  streams_.finish(connect_stream_);
}

void WtSession::closed_by_peer(std::uint32_t code, std::string_view reason) {
  if (phase_ == Phase::kClosing || phase_ == Phase::kOver) return;
  if (phase_ == Phase::kOpen) session_->disconnected(peer_closed(code, reason));
  phase_ = Phase::kClosing;
  over_at_ = streams_.now() + options_.close_within;
  drop_input();
  end_message_stream();
  streams_.finish(connect_stream_);
}

// Both sides reset the streams of a session that is over; pages hang otherwise.
void WtSession::end_message_stream() {
  if (!message_stream_) return;
  streams_.reset(*message_stream_, session_gone());
  streams_.stop(*message_stream_, session_gone());
}

void WtSession::connect_stream_closed() {
  // Without a word before it: it was reset.
  closed_by_peer(0, "");
  phase_ = Phase::kOver;
}

void WtSession::connection_lost(const Error& reason) {
  if (phase_ == Phase::kOpen) session_->disconnected(reason);
  phase_ = Phase::kOver;
}

// ---- Time

WtSession::Time WtSession::deadline() const noexcept {
  if (phase_ == Phase::kOver) return Time::max();
  if (phase_ != Phase::kOpen) return over_at_;
  if (leaves_at_) return *leaves_at_;
  if (!message_stream_) return role_ == H3Role::kServer ? opened_ + kMessagesWithin : Time::max();
  return std::min(message_due(), unsent_ > 0 ? progressed_ + options_.stalled_after : Time::max());
}

WtSession::Time WtSession::message_due() const noexcept {
  if (!message_began_ || role_ == H3Role::kClient) return Time::max();
  return *message_began_ + message_time(lines_.buffered());
}

void WtSession::on_deadline() {
  if (streams_.now() < deadline()) return;
  if (phase_ == Phase::kLastWords) return say_close();
  if (phase_ == Phase::kClosing) {
    streams_.reset(connect_stream_, session_gone());
    streams_.stop(connect_stream_, session_gone());
    phase_ = Phase::kOver;
    return;
  }
  if (leaves_at_) return give_up("The peer has ended the stream of the messages.");
  if (!message_stream_) return give_up("The peer has not opened a stream for the messages.");
  if (streams_.now() >= message_due()) return give_up(kMessageTooSlow);
  // It would not read last words either.
  leaves_at_ = streams_.now();
  give_up("The peer has read nothing for " +
          std::to_string(std::chrono::duration_cast<seconds>(options_.stalled_after).count()) +
          " s.");
}

void WtSession::give_up(const std::string& why) {
  session_->disconnected(connection_failed(why));
  leave(kGivenUp, why);
}

}  // namespace capnweb
