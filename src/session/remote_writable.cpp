#include "session/remote_writable.hpp"

#include <capnweb/detail/outcome.hpp>
#include <utility>

#include "session/session_core.hpp"

namespace capnweb::detail {

namespace {

Written stream_call(const HookRef& target, const char* method, Array arguments) {
  const PathPart part(std::in_place_index<0>, method);
  return target->stream({&part, 1}, {std::move(arguments)});
}

Array only(Value value) {
  Array one;
  one.push_back(std::move(value));
  return one;
}

}  // namespace

RemoteWritable::RemoteWritable(SessionCore& session, HookRef target, bool is_pipe)
    : session_(&session), target_(std::move(target)), is_pipe_(is_pipe) {
  if (is_pipe_) session_->pipe_opened();
}

RemoteWritable::~RemoteWritable() {
  if (is_pipe_) session_->pipe_ended();
}

HookRef RemoteWritable::write(Value chunk) {
  if (error_) return make_rejected(*error_);
  if (is_closing_) return make_rejected(stream_is_closed());
  const Ref<RemoteWritable> alive(this);
  const Written written = stream_call(target_, "write", only(std::move(chunk)));
  if (const Outcome* outcome = written.answer->outcome()) {
    // Not sent: it cannot be, or the session is over. The reader hears why, if it can (V-64).
    if (outcome->is_error()) static_cast<void>(abort(outcome->error()));
    return written.answer;
  }
  std::optional<FlowWindow::Sent> sent;
  if (written.size > 0) sent = window_.on_send(written.size, session_->now());
  on_the_way_.emplace_back(*this, written, std::move(sent));
  on_the_way_.back().place = std::prev(on_the_way_.end());
  on_the_way_.back().start();
  return written.answer;
}

HookRef RemoteWritable::close() {
  if (error_) return make_rejected(*error_);  // S-8
  if (is_closing_) return make_rejected(stream_is_closing());
  is_closing_ = true;
  return last_word("close", {});
}

HookRef RemoteWritable::abort(Error reason) {
  if (error_ || is_closed_) return make_resolved({});
  Value sent = reason.thrown_value() ? *reason.thrown_value() : Value(reason);
  const HookRef target = target_;
  fail(std::move(reason));
  target_ = target;
  return last_word("abort", only(std::move(sent)));
}

// A stream may end while its close is on the way: then that is what is waited for.
HookRef RemoteWritable::last_word(const char* method, Array arguments) {
  if (last_done_) return make_resolved({});
  last_done_.emplace();
  last_done_->set_needs(this);
  HookRef done = last_done_->promise();
  self_ = HookRef(this);
  answer_ = stream_call(target_, method, std::move(arguments)).answer;
  if (answer_->outcome()) {
    last_word_answered();
  } else {
    answer_->wait(last_word_);
  }
  return done;
}

void RemoteWritable::last_word_answered() {
  const HookRef self = std::exchange(self_, nullptr);
  const HookRef answer = std::exchange(answer_, nullptr);
  Resolver done = *std::exchange(last_done_, std::nullopt);
  is_closed_ = true;
  const Outcome& outcome = *answer->outcome();
  if (!error_ && outcome.is_error()) fail(outcome.error());
  target_ = nullptr;
  if (error_ && is_closing_) return done.reject(*error_);
  done.resolve({});
  if (!error_ && ended_) ended_->resolve({});
}

void RemoteWritable::acknowledged(Ack& ack) {
  const Ref<RemoteWritable> alive(this);
  std::list<Ack> done;
  done.splice(done.begin(), on_the_way_, ack.place);
  const Outcome& outcome = ack.outcome();
  if (outcome.is_error()) {
    if (ack.sent()) window_.on_failure(*ack.sent());
    if (!error_) fail(outcome.error());
    return;
  }
  if (ack.sent()) window_.on_ack(*ack.sent(), session_->now());
  if (!is_full()) tell_writer();
}

void RemoteWritable::fail(Error error) {
  error_ = std::move(error);
  target_ = nullptr;
  tell_writer();
  if (ended_) ended_->reject(*error_);
}

// Without messages of a known size, one write waits for the other (S-33).
bool RemoteWritable::is_full() const noexcept {
  return window_.is_full() || (!on_the_way_.empty() && !on_the_way_.back().sent());
}

void RemoteWritable::tell_writer() {
  auto room = std::exchange(room_, std::nullopt);
  if (!room) return;
  if (error_) {
    room->reject(*error_);
  } else {
    room->resolve({});
  }
}

HookRef RemoteWritable::ready() {
  if (error_) return make_rejected(*error_);
  if (!is_full()) return nullptr;
  if (!room_ || !room_->is_wanted()) room_.emplace();
  room_->set_needs(this);
  return room_->promise();
}

HookRef RemoteWritable::ended() {
  if (error_) return make_rejected(*error_);
  if (is_closed_) return make_resolved({});
  if (!ended_ || !ended_->is_wanted()) ended_.emplace();
  ended_->set_needs(this);
  return ended_->promise();
}

void RemoteWritable::append_needs(std::vector<const Hook*>& out) const {
  if (target_) out.push_back(target_.get());
  if (answer_) out.push_back(answer_.get());
  for (const Ack& ack : on_the_way_) out.push_back(ack.answer().get());
}

}  // namespace capnweb::detail
