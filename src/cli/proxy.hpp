// proxy.hpp: relaying sessions to another server, call by call.
//
// Nothing is tunnelled: the proxy is a middle party like any program that holds stubs of two
// sessions (C-37, C-38). The upstream's main object is what its clients get, a client's main object
// is what the upstream gets, and what passes through either is forwarded as it comes: a call before
// its result, a map() as a map().
#pragma once

#include <capnweb/batch.hpp>
#include <capnweb/loop.hpp>
#include <capnweb/server.hpp>
#include <capnweb/session.hpp>
#include <capnweb/task.hpp>
#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <string>

namespace capnweb {

struct ProxyOptions {
  ServerOptions server = {};
  // Whether to answer HTTP batches as well as WebSockets.
  bool takes_batches = false;
  // ws://, or http:// where the proxy takes nothing but batches: a batch ends with its answer, and
  // no WebSocket could live on it.
  std::string upstream;
};

// Listens from its constructor until it is destroyed, on its loop's thread.
class Proxy {
 public:
  // Throws Error if it cannot listen or `upstream` is no URL.
  Proxy(Loop& loop, ProxyOptions options);
  Proxy(const Proxy&) = delete;
  Proxy& operator=(const Proxy&) = delete;

  std::uint16_t port() const noexcept { return server_.port(); }
  // WebSockets that are being relayed.
  std::size_t links() const noexcept { return links_.size(); }
  // As Server::drain().
  Task<> drain() { return server_.drain(); }

 private:
  // A client's session and the one with the upstream that serves it: one ends with the other.
  struct Link {
    Session client;
    Session upstream;
    std::shared_ptr<void> client_watch = {};
    std::shared_ptr<void> upstream_watch = {};
  };

  Value open(const RequestInfo& request, const Session& client);
  Value open_batch();
  Value open_websocket(const Session& client);

  Loop& loop_;
  std::string upstream_;
  bool takes_batches_;
  std::optional<BatchClient> batches_;  // for an upstream that takes these only
  std::list<Link> links_;
  Server server_;  // last: sessions that it ends leave links_
};

}  // namespace capnweb
