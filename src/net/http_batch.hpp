// http_batch.hpp: one batch on the server's side.
#pragma once

#include <capnweb/detail/ref.hpp>
#include <capnweb/session.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "net/http_server_request.hpp"
#include "session/session_core.hpp"

namespace capnweb {

// What is wrong with a batch's body as a whole, before there is a session to say it.
std::optional<HttpRefusal> check_batch_body(std::string_view body, std::size_t max_messages);

// A session that hears all it will ever hear at once, and speaks once (T-5). After the session is
// made nothing is an HTTP error any more: what went wrong stands as an abort behind the results so
// far (T-33).
class HttpBatch : public std::enable_shared_from_this<HttpBatch> {
 public:
  // `post` runs a function on the loop, later.
  using Post = std::function<void(std::function<void()>)>;
  HttpBatch(Value main, SessionOptions options, Post post);
  ~HttpBatch();

  // Handles the messages in order. `done` is called once, from the loop, when every pull is
  // answered or the session has ended; not at all if that is so already when run() returns.
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
  void on_output();
  void collect();

  detail::Ref<detail::SessionCore> session_;
  Post post_;
  std::function<void()> done_;
  std::string answer_;
  Outbox outbox_;
  bool is_done_ = false;
  bool will_collect_ = false;
};

}  // namespace capnweb
