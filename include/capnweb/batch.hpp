// batch.hpp: calls over HTTP requests, for those who cannot or need not keep a connection open.
//
// A batch is a session that says everything at once and then hears all the answers (T-11). Make
// calls, with results of earlier ones as arguments of later ones; await when all are made:
//
//   capnweb::BatchClient client("http://127.0.0.1:8080/rpc");
//   auto api = client.batch<Api>();
//   auto user = api->authenticate(token);
//   auto profile = api->profile(user[&User::id]);
//   std::cout << (co_await profile).name;   // one request, one answer
//
// The batch leaves at the end of the loop's turn in which something was first awaited; promises
// that are still held then get their answers, too. Afterwards its stubs and promises are broken
// ("Batch RPC request ended."): what was answered stays, whatever comes next takes another batch.
#pragma once

#include <capnweb/session.hpp>
#include <capnweb/stub.hpp>
#include <capnweb/value.hpp>
#include <chrono>
#include <cstddef>
#include <memory>
#include <string_view>

namespace capnweb {

struct BatchOptions {
  // Sent with every request, over the library's own: Authorization, Cookie, Host...
  Headers headers = {};
  // Until a connection stands.
  std::chrono::milliseconds connect_timeout{10'000};
  // From when the batch leaves until its whole answer is there.
  std::chrono::milliseconds timeout{60'000};
  // Bytes of an answer's body.
  std::size_t max_response_size = 96 * 1024 * 1024;
  SessionOptions session = {};
};

class BatchPool;
class Loop;

// One server's batches. Connections are kept for the next one, up to six, as long as the server
// keeps them. Nothing is ever sent twice: when a connection breaks before the answer is there,
// nobody knows whether the calls have run, and they fail.
//
// On its loop's thread only. Batches go on without it.
class BatchClient {
 public:
  // Throws Error for a URL that is not http://, and for headers that are the library's to set; and
  // std::logic_error where there is no current loop.
  explicit BatchClient(std::string_view url, BatchOptions options = {});
  BatchClient(Loop& loop, std::string_view url, BatchOptions options = {});
  BatchClient(BatchClient&&) noexcept;
  BatchClient& operator=(BatchClient&&) noexcept;
  ~BatchClient();

  // A new batch: the server's main object. One that nobody awaits anything of is never posted; one
  // whose stubs and promises are all let go before it leaves is dropped (T-14).
  template <class T = void>
  Stub<T> batch() {
    return Stub<T>(start());
  }

  // Posts the batches that have not left at the end of this turn, although nobody has awaited
  // anything: calls made for their effect only. An empty batch is not posted.
  void send();

 private:
  detail::HookRef start();
  std::shared_ptr<BatchPool> pool_;
};

}  // namespace capnweb
