#include "cli/proxy.hpp"

#include <capnweb/client.hpp>
#include <utility>

namespace capnweb {

namespace {

// An error goes on as it came, with its stack if it has one (E-1); the proxy has none of its own.
std::optional<Error> pass_on(const Error& error) {
  if (!error.stack()) return std::nullopt;
  return error;
}

// What a client may pile up at an upstream that does not take it.
constexpr std::size_t kMaxUnsent = 64 * 1024 * 1024;

SessionOptions relaying(SessionOptions options) {
  options.on_send_error = pass_on;
  options.limits.max_unsent = kMaxUnsent;
  return options;
}

ServerOptions relaying(ServerOptions options) {
  options.session = relaying(std::move(options.session));
  return options;
}

}  // namespace

Proxy::Proxy(Loop& loop, ProxyOptions options)
    : loop_(loop),
      upstream_(std::move(options.upstream)),
      takes_batches_(options.takes_batches),
      server_(loop, relaying(std::move(options.server)),
              [this](const RequestInfo& request, const Session& client) {
                return open(request, client);
              }) {
  if (upstream_.starts_with("http:"))
    batches_.emplace(loop_, upstream_, BatchOptions{.session = relaying(SessionOptions{})});
}

Value Proxy::open(const RequestInfo& request, const Session& client) {
  if (!request.is_websocket) return open_batch();
  if (batches_)
    throw RequestRefused(400,
                         "This proxy only accepts HTTP batches: its upstream takes no others.");
  return open_websocket(client);
}

// A batch needs no link: it ends with its answer, and lets go of the upstream then.
Value Proxy::open_batch() {
  if (!takes_batches_)
    throw RequestRefused(405, "This endpoint only accepts WebSocket requests.")
        .header("Allow", "GET");
  if (batches_) return batches_->batch();
  return connect_session(loop_, upstream_, {.session = relaying(SessionOptions{})}).remote_main();
}

// What the client calls before the upstream's connection stands waits for it; if there will be
// none, it fails with the reason.
Value Proxy::open_websocket(const Session& client) {
  const auto link = links_.insert(
      links_.end(), {client, connect_session(loop_, upstream_,
                                             {.main = client.remote_main(),
                                              .session = relaying(SessionOptions{})})});
  const auto end = [this, link](Session other, const Error& reason) {
    links_.erase(link);
    other.abort(reason);
  };
  link->client_watch =
      link->client.on_broken([end, link](const Error& reason) { end(link->upstream, reason); });
  link->upstream_watch =
      link->upstream.on_broken([end, link](const Error& reason) { end(link->client, reason); });
  return link->upstream.remote_main();
}

}  // namespace capnweb
