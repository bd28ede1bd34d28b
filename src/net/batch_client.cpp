#include "net/batch_client.hpp"

#include <algorithm>
#include <array>
#include <capnweb/loop.hpp>
#include <string_view>
#include <utility>

#include "session/session_core.hpp"
#include "value/utf.hpp"

namespace capnweb {
namespace {

// As many as browsers open to one server.
constexpr std::size_t kMaxConnections = 6;
constexpr std::size_t kQuotedAnswer = 1024;

// The names that say how the request is framed.
void check_header(std::string_view name) {
  constexpr std::array<std::string_view, 5> kOurs{"connection", "content-length", "expect",
                                                  "transfer-encoding", "upgrade"};
  if (std::find(kOurs.begin(), kOurs.end(), name) != kOurs.end())
    throw Error::type_error("BatchOptions::headers: '" + std::string(name) +
                            "' is set by the library.");
}

Error failed_status(const HttpAnswer& answer) {
  // The text is the reference's (T-13); why it was refused stands beside it.
  Error error("RPC request failed: " + std::to_string(answer.status) + " " + answer.reason);
  Object data;
  data.set("status", answer.status);
  if (is_valid_utf8(answer.body))
    data.set("body", std::string(clip_bytes(answer.body, kQuotedAnswer)));
  return error.with_data(std::move(data));
}

}  // namespace

// One batch. The session's signals keep it alive until it ends.
class ClientBatch final : public std::enable_shared_from_this<ClientBatch>,
                          private Flushable,
                          private LoopMember {
 public:
  ClientBatch(std::shared_ptr<BatchPool> pool, SessionOptions options)
      : pool_(std::move(pool)),
        session_(detail::make_ref<detail::SessionCore>(Value(), std::move(options))) {}

  const detail::Ref<detail::SessionCore>& start() {
    session_->send_without_answers();
    // Not shared_from_this(), which throws in theory: this is reached from what may not.
    session_->on_output([self = weak_from_this().lock()] { self->look_later(); });
    session_->on_unused([self = weak_from_this().lock()] {
      self->is_unused_ = true;
      self->look_later();
    });
    pool_->loop().add_member(*this);
    return session_;
  }

  void send() {
    must_leave_ = true;
    look_later();
  }

 private:
  void look_later() { pool_->loop().flush_later(*this); }

  void flush() noexcept override {
    const auto self = weak_from_this().lock();
    if (has_ended_) return;
    collect();
    if (session_->end_reason()) return end(*session_->end_reason());
    if (has_left_) return;
    // Streams among the arguments go along whole.
    if (session_->has_unsent_streams()) return;
    if (has_pull_ || (must_leave_ && !body_.empty())) return leave();
    // T-14: whoever lets go of everything before it left wants none of it.
    if (is_unused_) end(Error("The batch was released before it was sent."));
  }

  // T-16: what comes after the batch has left is dropped.
  void collect() {
    session_->take_output(outbox_);
    for (std::size_t i = 0; i < outbox_.size() && !has_left_; ++i) {
      has_pull_ = has_pull_ || outbox_[i].starts_with(R"(["pull",)");
      if (!body_.empty()) body_ += '\n';
      body_ += outbox_[i];
    }
  }

  void leave() {
    session_->pull_held();
    collect();
    has_left_ = true;
    pool_->post(std::move(body_), [self = weak_from_this().lock()](Expected<HttpAnswer> answer) {
      self->on_answer(std::move(answer));
    });
  }

  void on_answer(Expected<HttpAnswer> answer) {
    if (has_ended_) return;
    if (!answer) return end(answer.error());
    if (answer->status < 200 || answer->status > 299) return end(failed_status(*answer));
    if (!is_valid_utf8(answer->body))
      return end(Error("RPC request failed: the answer is not UTF-8 text."));
    std::string_view body = answer->body;
    if (body.ends_with('\n')) body.remove_suffix(1);
    while (!body.empty() && !session_->end_reason()) {
      const std::size_t size = std::min(body.find('\n'), body.size());
      session_->receive(body.substr(0, size));
      body.remove_prefix(std::min(size + 1, body.size()));
    }
    end(Error("Batch RPC request ended."));
  }

  void end(const Error& reason) {
    if (std::exchange(has_ended_, true)) return;
    const auto self = weak_from_this().lock();
    session_->on_output(nullptr);
    session_->on_unused(nullptr);
    session_->disconnected(reason);
  }

  void on_loop_end() noexcept override { end(Error("The event loop has ended.")); }

  std::shared_ptr<BatchPool> pool_;
  detail::Ref<detail::SessionCore> session_;
  Outbox outbox_;
  std::string body_;
  bool has_pull_ = false;
  bool must_leave_ = false;
  bool has_left_ = false;
  bool is_unused_ = false;
  bool has_ended_ = false;
};

// ---- The pool

BatchPool::BatchPool(std::shared_ptr<LoopCore> loop, ServerUrl url, BatchOptions options)
    : loop_(std::move(loop)), url_(std::move(url)), options_(std::move(options)) {
  head_ = "POST " + url_.target + " HTTP/1.1\r\n";
  if (!options_.headers.get("host")) head_ += "host: " + url_.authority() + "\r\n";
  if (!options_.headers.get("content-type")) head_ += "content-type: text/plain;charset=UTF-8\r\n";
  for (const auto& [name, value] : options_.headers.pairs()) {
    check_header(name);
    head_ += name;
    head_ += ": ";
    head_ += value;
    head_ += "\r\n";
  }
}

std::string BatchPool::compose_head(std::size_t body_size) const {
  return head_ + "content-length: " + std::to_string(body_size) + "\r\n\r\n";
}

detail::Ref<detail::SessionCore> BatchPool::start() {
  const auto batch = std::make_shared<ClientBatch>(weak_from_this().lock(), options_.session);
  std::erase_if(unsent_, [](const auto& weak) { return weak.expired(); });
  unsent_.push_back(batch);
  return batch->start();
}

void BatchPool::send() {
  for (const auto& weak : std::exchange(unsent_, {}))
    if (const auto batch = weak.lock()) batch->send();
}

void BatchPool::retire() {
  is_retired_ = true;
  for (const auto& connection : std::exchange(idle_, {})) connection->close();
}

void BatchPool::post(std::string body, HttpClientConnection::Done done) {
  Waiting waiting{std::move(body), std::move(done)};
  if (const auto connection = take_connection()) return exchange(connection, std::move(waiting));
  waiting_.push_back(std::move(waiting));
}

// An idle connection, the one used last, or a new one; none if there are enough.
std::shared_ptr<HttpClientConnection> BatchPool::take_connection() {
  while (!idle_.empty()) {
    auto connection = std::move(idle_.back());
    idle_.pop_back();
    if (connection->is_idle()) return connection;
  }
  if (busy_ >= kMaxConnections) return nullptr;
  return std::make_shared<HttpClientConnection>(loop_, url_);
}

void BatchPool::exchange(const std::shared_ptr<HttpClientConnection>& connection, Waiting waiting) {
  ++busy_;
  HttpPost post{.head = compose_head(waiting.body.size()),
                .body = std::move(waiting.body),
                .connect_timeout = options_.connect_timeout,
                .timeout = options_.timeout,
                .max_response_size = options_.max_response_size};
  connection->exchange(std::move(post), [self = weak_from_this().lock(), connection,
                                         done = std::move(waiting.done)](auto answer) {
    self->on_exchanged(connection);
    done(std::move(answer));
  });
}

void BatchPool::on_exchanged(const std::shared_ptr<HttpClientConnection>& connection) {
  --busy_;
  if (is_retired_)
    connection->close();
  else if (connection->is_idle())
    idle_.push_back(connection);
  if (waiting_.empty()) return;
  const auto free = take_connection();
  Waiting next = std::move(waiting_.front());
  waiting_.pop_front();
  exchange(free, std::move(next));
}

// ---- For users

BatchClient::BatchClient(std::string_view url, BatchOptions options)
    : BatchClient(Loop::current(), url, std::move(options)) {}

BatchClient::BatchClient(Loop& loop, std::string_view url, BatchOptions options) {
  auto parsed = parse_server_url(url);
  if (!parsed) throw Error(parsed.error());
  if (parsed->scheme != "http")
    throw Error::type_error("BatchClient: '" + parsed->scheme + "://' cannot carry batches" +
                            (parsed->is_secure() ? " (there is no TLS yet)" : "") +
                            "; use http://");
  pool_ = std::make_shared<BatchPool>(loop.core(), *std::move(parsed), std::move(options));
}

BatchClient::BatchClient(BatchClient&&) noexcept = default;

BatchClient& BatchClient::operator=(BatchClient&& other) noexcept {
  std::swap(pool_, other.pool_);
  return *this;
}

BatchClient::~BatchClient() {
  if (pool_) pool_->retire();
}

detail::HookRef BatchClient::start() { return pool_->start()->remote_main(); }

void BatchClient::send() { pool_->send(); }

detail::Ref<detail::SessionCore> connect_batch(Loop& loop, const ServerUrl& url,
                                               BatchOptions options) {
  const auto pool = std::make_shared<BatchPool>(loop.core(), url, std::move(options));
  // Its one batch keeps it; there is no second one to keep a connection for.
  pool->retire();
  return pool->start();
}

}  // namespace capnweb
