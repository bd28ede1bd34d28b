// batch_client.hpp: sessions whose messages travel as one HTTP POST and its answer.
#pragma once

#include <capnweb/batch.hpp>
#include <capnweb/detail/ref.hpp>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "net/batch_client_connection.hpp"
#include "net/url.hpp"

namespace capnweb {

class ClientBatch;
class Loop;

namespace detail {
class SessionCore;
}

// A session that is one batch over a connection of its own (T-11 to T-16). The POST leaves at the
// end of the loop turn in which something was first pulled; a batch nobody pulls from is never
// posted. REQUIRES: `url` is http or https.
detail::Ref<detail::SessionCore> connect_batch(Loop& loop, const ServerUrl& url,
                                               BatchOptions options);

// The connections to one server, and the batches that have not left.
class BatchPool final : public std::enable_shared_from_this<BatchPool> {
 public:
  // Throws Error for headers that are not the application's to set.
  BatchPool(std::shared_ptr<LoopCore> loop, ServerUrl url, BatchOptions options);

  // A new batch.
  detail::Ref<detail::SessionCore> start();
  // Sends all that have not left.
  void send();
  // Keeps no connection once what is under way is done.
  void retire();

  // -- For batches.
  LoopCore& loop() const noexcept { return *loop_; }
  void post(std::string body, HttpClientConnection::Done done);

 private:
  struct Waiting {
    std::string body;
    HttpClientConnection::Done done;
  };
  std::string compose_head(std::size_t body_size) const;
  std::shared_ptr<HttpClientConnection> take_connection();
  void exchange(const std::shared_ptr<HttpClientConnection>& connection, Waiting waiting);
  void on_exchanged(const std::shared_ptr<HttpClientConnection>& connection);

  std::shared_ptr<LoopCore> loop_;
  ServerUrl url_;
  BatchOptions options_;
  std::string head_;  // all but the length
  std::vector<std::shared_ptr<HttpClientConnection>> idle_;
  std::size_t busy_ = 0;
  std::deque<Waiting> waiting_;
  std::vector<std::weak_ptr<ClientBatch>> unsent_;
  bool is_retired_ = false;
};

}  // namespace capnweb
