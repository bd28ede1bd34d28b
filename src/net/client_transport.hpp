// client_transport.hpp: another way to a server, beside WebSockets and batches.
#pragma once

#include <capnweb/client.hpp>
#include <capnweb/detail/ref.hpp>
#include <functional>
#include <memory>

#include "net/loop_core.hpp"
#include "net/url.hpp"
#include "session/session_core.hpp"

namespace capnweb {

// What ConnectOptions::transport is. Does not change, and may be shared by threads.
class ClientTransport {
 public:
  virtual ~ClientTransport() = default;

  // As connect_websocket(). REQUIRES: `url` is https.
  virtual detail::Ref<detail::SessionCore> connect(
      std::shared_ptr<LoopCore> loop, ServerUrl url, ConnectOptions options,
      std::function<void(const Error*)> done) const = 0;
};

// What https URLs whose path ends with /wt are connected with where ConnectOptions::transport says
// nothing: what `find` gives. Any thread; the last call counts.
void set_wt_transport(std::shared_ptr<const ClientTransport> (*find)()) noexcept;

}  // namespace capnweb
