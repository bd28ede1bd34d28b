// http_batch.hpp: one batch on the server's side.
#pragma once

#include <capnweb/detail/ref.hpp>
#include <capnweb/session.hpp>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "net/http_server_request.hpp"
#include "net/loop_core.hpp"
#include "session/session_core.hpp"

namespace capnweb {

// What is wrong with a batch's body as a whole, before there is a session to say it.
std::optional<HttpRefusal> check_batch_body(std::string_view body, std::size_t max_messages);

// A session that hears all it will ever hear at once, and speaks once (T-5). After the session is
// made nothing is an HTTP error any more: what went wrong stands as an abort behind the results so
// far (T-33).
class HttpBatch final : private Flushable {
 public:
  // `max_answer`: bytes; what would be more ends the session.
  HttpBatch(LoopCore& loop, detail::Ref<detail::SessionCore> session, std::size_t max_answer);
  ~HttpBatch();

  // Handles the messages in order. `done` is called once, at the end of a turn, when every pull is
  // answered or the session has ended; not at all if that is so already when run() returns. It may
  // destroy this.
  void run(std::string_view body, std::function<void()> done);
  bool is_done() const noexcept { return is_done_; }

  // Stops waiting for the calls that still run: the answers so far, then an abort that says so.
  void give_up(Error reason);

  // The answer's body: messages joined by "\n", none behind the last (T-2). REQUIRES: is_done().
  std::string take_answer() { return std::move(answer_); }

  // Ends the session, whose objects are released: after the answer (T-9), or when nobody will hear
  // it any more.
  void end(const Error& reason);

 private:
  void flush() noexcept override;
  void collect();
  void take_messages();
  void abort(Error reason);

  LoopCore& loop_;
  const std::size_t max_answer_;
  detail::Ref<detail::SessionCore> session_;
  std::function<void()> done_;
  std::string answer_;
  Outbox outbox_;
  bool is_done_ = false;
};

}  // namespace capnweb
