#include "net/webtransport/wt_server.hpp"

#include <utility>

#include "net/webtransport/wt_peer.hpp"

namespace capnweb {
namespace {

// Of close capsules: what HTTP would answer.
constexpr std::uint32_t kGoingAway = 503;

QuicServer::Options make_options(const WebTransportListenerOptions& options,
                                 const HttpServer& server) {
  return {.host = options.host.empty() ? server.host() : options.host,
          .port = options.port,
          .reuse_port = server.options().reuse_port,
          .connection = options.connection,
          .limits = server.options().http,
          .max_half_open = options.max_half_open,
          .secret = options.secret.value_or(make_quic_secret())};
}

WtRefusal to_refusal(const HttpRefusal& refusal) { return {refusal.status, refusal.text}; }

WtRefusal to_refusal(const HttpResponse& response) {
  WtRefusal refusal{response.status, response.body};
  for (const auto& [name, value] : response.headers) refusal.headers.append(name, value);
  return refusal;
}

}  // namespace

// ---- A connection

class WtServer::Peer final : public WtPeer {
 public:
  Peer(std::weak_ptr<WtServer> server, QuicLink& link, QuicPath path, LoopCore& loop,
       const WebTransportOptions& options, std::size_t max_line)
      : WtPeer(H3Role::kServer, link, loop, options, max_line),
        server_(std::move(server)),
        path_(std::move(path)) {}

 private:
  std::variant<SessionRef, WtRefusal> open_session(const H3Request& request) override {
    const auto server = server_.lock();
    if (!server) return WtRefusal{503, "The server is shutting down."};
    Opened opened = server->open_session(request, path_);
    if (const auto* session = std::get_if<SessionRef>(&opened)) watch_output(**session);
    return opened;
  }
  void on_opened() override {}
  void on_refused(int, std::string_view) override {}

  const std::weak_ptr<WtServer> server_;
  const QuicPath path_;
};

WtServer::Peer& WtServer::peer_of(QuicLink& link) noexcept {
  return static_cast<Peer&>(*link.peer());
}

// ---- The server

WtServer::WtServer(std::shared_ptr<HttpServer> server, WebTransportListenerOptions options)
    : loop_(server->loop().shared_from_this()),
      server_(std::move(server)),
      options_(std::move(options)),
      quic_(std::make_shared<QuicServer>(loop_, make_options(options_, *server_),
                                         std::make_shared<QuicCredentials>(options_.certificate))) {
}

WtServer::~WtServer() { quic_->close(); }

void WtServer::start() {
  loop_->add_member(*this);
  server_->attach(shared_from_this());
  quic_->start(
      [this](QuicLink& link, const QuicPath& path) {
        return std::make_unique<Peer>(weak_from_this(), link, path, *loop_, options_.connection,
                                      max_message_bytes(server_->options().session.limits));
      },
      [this] { on_connection_over(); });
}

std::string WtServer::url() const {
  const std::string& host = options_.host.empty() ? server_->host() : options_.host;
  return "https://" + callable_host(host) + ":" + std::to_string(port()) +
         server_->routes().path() + "/wt";
}

void WtServer::set_certificate(Certificate certificate) {
  quic_->set_credentials(std::make_shared<QuicCredentials>(certificate));
  options_.certificate = std::move(certificate);
}

// ---- Requests

WtServer::Opened WtServer::open_session(const H3Request& request, const QuicPath& path) {
  if (is_closed_ || server_->is_draining()) return WtRefusal{503, "The server is shutting down."};
  HttpRequest asked;
  asked.host = request.authority;
  asked.info.method = request.method;
  asked.info.target = request.path;
  asked.info.headers = request.headers;
  asked.info.peer_address = unmapped(path.remote.address()).to_string();
  asked.info.peer_port = path.remote.port();
  asked.info.is_webtransport = true;
  if (auto refusal = check(asked)) return *std::move(refusal);
  auto opened = server_->open_session(asked.info);
  if (const auto* response = std::get_if<HttpResponse>(&opened)) return to_refusal(*response);
  return std::get<WtOwner::SessionRef>(std::move(opened));
}

std::optional<WtRefusal> WtServer::check(const HttpRequest& request) const {
  const HttpRequestChecks& checks = server_->routes().checks();
  if (const auto refusal = checks.check_host(request)) return to_refusal(*refusal);
  if (!has_path(request.info.path()))
    return WtRefusal{
        404, "There is nothing here; this server answers at " + server_->routes().path() + "/wt."};
  const auto refusal = checks.check_origin(request);
  if (refusal && !is_own_page(request)) return to_refusal(*refusal);
  return std::nullopt;
}

// A page of the server's TCP port has another origin than this one, and is its own all the same.
bool WtServer::is_own_page(const HttpRequest& request) const {
  HostPort named;
  if (!parse_host_port(request.host, named)) return false;
  HttpRequest own = request;
  own.host = bracketed(named.host) + ":" + std::to_string(server_->port());
  return !server_->routes().checks().check_origin(own);
}

bool WtServer::has_path(std::string_view path) const noexcept {
  if (server_->options().every_path) return true;
  const std::string_view own = server_->routes().path();
  if (!path.starts_with(own)) return false;
  const std::string_view rest = path.substr(own.size());
  return rest.empty() || rest == "/" || rest == "/wt";
}

// ---- The end

void WtServer::drain(std::string_view reason) {
  quic_->stop_accepting();
  for (const auto& link : quic_->links()) {
    if (!link->peer() || !peer_of(*link).connection().is_drained()) continue;
    peer_of(*link).connection().close(kGoingAway, reason);
    link->flush_soon();
  }
}

void WtServer::close(std::string_view reason) {
  is_closed_ = true;
  quic_->stop_accepting();
  for (const auto& link : quic_->links()) {
    if (!link->peer()) continue;
    peer_of(*link).connection().close(kGoingAway, reason);
    link->flush_soon();
  }
}

void WtServer::close() {
  const auto alive = shared_from_this();
  loop_->enter([this] { close("The server is shutting down."); });
  if (connections() > 0 && !loop_->has_ended())
    self_ = alive;
  else
    quic_->close();
}

void WtServer::on_connection_over() {
  const auto alive = shared_from_this();
  server_->entrance_changed();
  if (!self_ || connections() > 0) return;
  self_.reset();
  quic_->close();
}

void WtServer::on_loop_end() noexcept {
  const auto alive = std::exchange(self_, nullptr);
  is_closed_ = true;
  for (const auto& link : quic_->links()) {
    link->connection().close(H3Code::kNoError, "The server is shutting down.");
    link->flush_now();
    if (link->peer()) link->peer()->on_lost("Its event loop has ended.");
  }
  quic_->close();
}

}  // namespace capnweb
