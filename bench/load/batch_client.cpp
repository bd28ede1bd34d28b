// batch_client.cpp: calls in HTTP requests, one request after the other on a connection.
#include <algorithm>
#include <optional>
#include <string>

#include "common/http.hpp"
#include "common/process.hpp"
#include "load/client.hpp"
#include "load/session.hpp"

namespace bench {

namespace {

class BatchClient final : public Client, private MessageSink {
 public:
  explicit BatchClient(Run& run) : Client(run) {}

  std::size_t calls_under_way() const override {
    return session_ ? session_->calls_under_way() : 0;
  }

 private:
  void send(std::string_view message) override {
    if (!is_composing_) return;  // a release: the session is over with its answer
    if (!body_.empty()) body_ += '\n';
    body_ += message;
  }

  void greet() override {
    opened();
    fill(now_ns());
  }

  void fill(std::uint64_t now) override {
    if (calls_under_way() != 0 || !may_call()) return;
    session_.emplace(run().workload, run().meter, static_cast<MessageSink&>(*this));
    body_.clear();
    is_composing_ = true;
    for (std::size_t i = 0; i < run().options.batch_calls; ++i)
      session_->start_call(next_call(), now);
    is_composing_ = false;
    out() += "POST " + run().options.path +
             " HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(run().options.port) +
             "\r\nContent-Type: text/plain\r\nContent-Length: " + std::to_string(body_.size()) +
             "\r\n\r\n";
    out() += body_;
  }

  char* take(char* begin, char* end, std::uint64_t now) override {
    std::string_view in(begin, static_cast<std::size_t>(end - begin));
    const auto head = http::take_head(in);
    if (!head || !http::take_body(in, *head, body_)) return begin;
    if (!head->starts_with("HTTP/1.1 200")) lose(*head);
    std::string_view left = body_;
    while (!left.empty() && !is_lost()) {
      const std::size_t line = std::min(left.find('\n'), left.size());
      if (!session_->receive(left.substr(0, line), now)) lose("the batch is broken");
      left.remove_prefix(std::min(line + 1, left.size()));
    }
    if (calls_under_way() != 0) lose("the server has not answered all calls of a batch");
    return end - in.size();
  }

  std::optional<Session> session_;  // of the batch under way
  std::string body_;
  bool is_composing_ = false;
};

}  // namespace

std::unique_ptr<Client> make_batch_client(Run& run) { return std::make_unique<BatchClient>(run); }

}  // namespace bench
