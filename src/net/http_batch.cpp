#include "net/http_batch.hpp"

#include <algorithm>
#include <utility>

#include "cap/turn.hpp"
#include "value/utf.hpp"

namespace capnweb {

std::optional<HttpRefusal> check_batch_body(std::string_view body, std::size_t max_messages) {
  if (body.ends_with('\n')) body.remove_suffix(1);
  const auto line_ends = static_cast<std::size_t>(std::count(body.begin(), body.end(), '\n'));
  if (line_ends >= max_messages)
    return HttpRefusal{413, "The batch has more than " + std::to_string(max_messages) +
                                " messages; send several batches, or use a WebSocket."};
  if (!is_valid_utf8(body)) return HttpRefusal{400, "The batch is not UTF-8 text."};
  return std::nullopt;
}

HttpBatch::HttpBatch(LoopCore& loop, detail::Ref<detail::SessionCore> session,
                     std::size_t max_answer)
    : loop_(loop), max_answer_(max_answer), session_(std::move(session)) {
  session_->send_without_answers();
}

HttpBatch::~HttpBatch() { session_->on_output(nullptr); }

void HttpBatch::run(std::string_view body, std::function<void()> done) {
  if (body.ends_with('\n')) body.remove_suffix(1);  // T-3: the reference's client sends none
  while (!body.empty() && !session_->end_reason()) {
    const std::size_t end = std::min(body.find('\n'), body.size());
    session_->receive(body.substr(0, end));
    body.remove_prefix(end == body.size() ? end : end + 1);
  }
  collect();
  if (is_done_) return;
  done_ = std::move(done);
  session_->on_output([this] { loop_.flush_later(*this); });
}

void HttpBatch::flush() noexcept {
  if (!done_) return;
  collect();
  if (is_done_) std::exchange(done_, nullptr)();
}

void HttpBatch::collect() {
  take_messages();
  is_done_ = session_->end_reason() || session_->is_drained();
  if (is_done_ || answer_.size() <= max_answer_) return;
  abort(Error::range_error("The batch's answer grows over " + std::to_string(max_answer_) +
                           " bytes; send several batches, or use a WebSocket."));
}

void HttpBatch::take_messages() {
  session_->take_output(outbox_);
  for (std::size_t i = 0; i < outbox_.size(); ++i) {
    if (!answer_.empty()) answer_ += '\n';
    answer_ += outbox_[i];
  }
}

void HttpBatch::abort(Error reason) {
  const detail::Turn turn;
  session_->abort(std::move(reason));
  take_messages();
  is_done_ = true;
}

void HttpBatch::give_up(Error reason) {
  done_ = nullptr;
  abort(std::move(reason));
}

void HttpBatch::end(const Error& reason) {
  done_ = nullptr;
  session_->on_output(nullptr);
  const detail::Turn turn;
  session_->disconnected(reason);
}

}  // namespace capnweb
