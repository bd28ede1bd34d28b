#include <atomic>
#include <capnweb/client.hpp>
#include <capnweb/detail/resolver.hpp>
#include <capnweb/loop.hpp>
#include <memory>
#include <utility>

#include "net/batch_client.hpp"
#include "net/client_connect.hpp"
#include "net/client_transport.hpp"

namespace capnweb {

namespace {

using detail::SessionCore;

// (T-15): the server cannot call us, so whoever gives a main object expects something else.
BatchOptions batch_options(ConnectOptions options) {
  if (!options.main.is_undefined())
    throw Error::type_error(
        "ConnectOptions::main: an HTTP batch cannot be called back; connect with ws://");
  return {.headers = std::move(options.headers),
          .connect_timeout = options.connect_timeout,
          .session = std::move(options.session)};
}

// WebTransport is a library that stands above this one, and that programs may do without.
std::atomic<std::shared_ptr<const ClientTransport> (*)()> find_wt_transport = nullptr;

bool uses_transport(const ServerUrl& url, const ConnectOptions& options) {
  return url.scheme == "https" && options.transport;
}

// Whether it is the usual path of WebTransport.
bool is_wt(const ServerUrl& url) {
  const std::string_view path = std::string_view(url.target).substr(0, url.target.find('?'));
  return url.scheme == "https" && path.ends_with("/wt");
}

// A URL this library can connect to, and `options` with what that takes; throws Error for any
// other.
ServerUrl checked_url(std::string_view text, ConnectOptions& options) {
  auto url = parse_server_url(text);
  if (!url) throw Error(url.error());
  if (is_wt(*url) && !options.transport) {
    const auto find = find_wt_transport.load();
    if (!find)
      throw Error::type_error("Cannot connect to '" + std::string(text) +
                              "' without WebTransport: include <capnweb/webtransport.hpp> and "
                              "link capnweb::webtransport");
    options.transport = find();
  }
  if (uses_transport(*url, options)) return *std::move(url);
  if (url->is_secure())
    throw Error::type_error("Cannot connect to '" + std::string(text) +
                            "': this library has no TLS yet; use " +
                            (url->is_websocket() ? "ws" : "http") + ":// or a proxy that adds it");
  return *std::move(url);
}

// A connection that stays, and is called `done` about.
detail::Ref<SessionCore> open(Loop& loop, ServerUrl url, ConnectOptions options,
                              std::function<void(const Error*)> done) {
  if (!uses_transport(url, options))
    return connect_websocket(loop.core(), std::move(url), std::move(options), std::move(done));
  const auto transport = options.transport;
  return transport->connect(loop.core(), std::move(url), std::move(options), std::move(done));
}

Value main_of(SessionCore& session) { return Value(detail::StubRef{session.remote_main()}); }

}  // namespace

void set_wt_transport(std::shared_ptr<const ClientTransport> (*find)()) noexcept {
  find_wt_transport = find;
}

detail::HookRef detail::connect(Loop& loop, std::string_view text, ConnectOptions options) {
  try {
    ServerUrl url = checked_url(text, options);
    if (url.scheme == "http")
      return make_resolved(main_of(*connect_batch(loop, url, batch_options(std::move(options)))));
    // `main` keeps the session in use until somebody else can.
    auto resolver = std::make_shared<Resolver>();
    auto main = std::make_shared<Value>();
    HookRef promise = resolver->promise();
    const auto session =
        open(loop, std::move(url), std::move(options), [resolver, main](const Error* error) {
          if (error) return resolver->reject(*error);
          resolver->resolve(std::move(*main));
        });
    *main = main_of(*session);
    return promise;
  } catch (const Error& error) {
    return make_rejected(error);
  }
}

Loop& detail::current_loop() { return Loop::current(); }

Session connect_session(Loop& loop, std::string_view url, ConnectOptions options) {
  ServerUrl where = checked_url(url, options);
  if (where.scheme == "http")
    return Session(connect_batch(loop, where, batch_options(std::move(options))));
  return Session(open(loop, std::move(where), std::move(options), nullptr));
}

Session connect_session(std::string_view url, ConnectOptions options) {
  return connect_session(Loop::current(), url, std::move(options));
}

}  // namespace capnweb
