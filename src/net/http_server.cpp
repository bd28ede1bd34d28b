#include "net/http_server.hpp"

#include <algorithm>
#include <utility>

#include "net/http_server_connection.hpp"

namespace capnweb {
namespace {

using std::chrono::milliseconds;

// Connections over the limit that are being told so; more are closed without a word.
constexpr std::size_t kMaxTurnedAway = 64;

constexpr milliseconds kDrainTick(20);

// WebSocket close codes.
constexpr std::uint16_t kGoingAway = 1001;
constexpr std::uint16_t kServiceRestart = 1012;

// How often deadlines are looked at: a quarter of the shortest, but not all the time.
milliseconds tick_length(const HttpLimits& limits) {
  const milliseconds shortest = std::min({limits.header_time, limits.body_time, limits.write_time,
                                          limits.keep_alive_time, limits.batch_time});
  return std::clamp(shortest / 4, milliseconds(5), milliseconds(1'000));
}

HttpResponse refuse(const RequestRefused& refused) {
  HttpResponse response(refused.status(), refused.what());
  response.headers = refused.headers().pairs();
  return response;
}

HttpResponse refuse(const Error& error) {
  const std::string_view code = error.code();
  if (code == "permission_denied") return {403, error.message()};
  if (code == "not_found") return {404, error.message()};
  if (code == "bad_request") return {400, error.message()};
  return {500, "The server failed to open a session."};
}

}  // namespace

HttpServer::HttpServer(std::shared_ptr<LoopCore> loop, ServerOptions options,
                       SessionFactory factory)
    : loop_(std::move(loop)),
      options_(std::move(options)),
      factory_(std::move(factory)),
      listener_(
          std::make_shared<HttpListener>(loop_, options_.host, options_.port, options_.reuse_port)),
      routes_(options_, listener_->is_loopback()),
      admission_(options_.http),
      keep_alive_line_(
          "Keep-Alive: timeout=" +
          std::to_string(
              std::chrono::floor<std::chrono::seconds>(options_.http.keep_alive_time).count()) +
          "\r\n") {}

void HttpServer::start() {
  loop_->add_member(*this);
  listener_->start([weak = weak_from_this()](HttpListener::Socket socket,
                                             const boost::asio::ip::tcp::endpoint& peer) {
    if (const auto self = weak.lock()) self->on_accept(std::move(socket), peer);
  });
}

void HttpServer::on_accept(HttpListener::Socket socket,
                           const boost::asio::ip::tcp::endpoint& peer) {
  auto slot = admission_.admit(peer.address());
  if (!slot && turned_away_ >= kMaxTurnedAway) return;
  const auto connection = std::make_shared<HttpConnection>(
      weak_from_this().lock(), std::move(socket), peer, std::move(slot));
  if (connection->is_admitted())
    connection->start();
  else
    connection->turn_away();
  tick_later();
}

std::string HttpServer::url() const {
  return "http://" + callable_host(options_.host) + ":" + std::to_string(port()) + options_.path;
}

HttpServer::NewSession HttpServer::open_session(const RequestInfo& request) {
  auto session = detail::make_ref<detail::SessionCore>(Value(), session_options_);
  if (!request.is_websocket && !request.is_webtransport) session->set_peer_without_main();
  auto main = make_main(request, Session(session));
  // A server that was closed by its own factory has closed the connection, too.
  const bool is_refused = std::holds_alternative<HttpResponse>(main);
  if (is_refused || is_closed_) session->abort(Error("The session was refused."));
  if (is_refused) return std::get<HttpResponse>(std::move(main));
  session->set_local_main(std::get<Value>(std::move(main)));
  return session;
}

std::variant<Value, HttpResponse> HttpServer::make_main(const RequestInfo& request,
                                                        const Session& session) {
  try {
    return factory_(request, session);
  } catch (const RequestRefused& refused) {
    return refuse(refused);
  } catch (const Error& error) {
    return refuse(error);
  } catch (...) {
    // Whatever it says was not written for clients.
    return HttpResponse(500, "The server failed to open a session.");
  }
}

bool HttpServer::reserve_body(std::size_t bytes) noexcept {
  if (bytes > options_.http.max_unfinished_bodies - unfinished_bodies_) return false;
  unfinished_bodies_ += bytes;
  return true;
}

void HttpServer::add(HttpConnection& connection) {
  connections_.insert(&connection);
  if (!connection.is_admitted()) ++turned_away_;
}

void HttpServer::remove(HttpConnection& connection) noexcept {
  connections_.erase(&connection);
  if (!connection.is_admitted()) --turned_away_;
  report_drained();
}

std::vector<std::shared_ptr<HttpConnection>> HttpServer::live_connections() const {
  std::vector<std::shared_ptr<HttpConnection>> live;
  live.reserve(connections_.size());
  for (HttpConnection* connection : connections_)
    if (auto shared = connection->weak_from_this().lock()) live.push_back(std::move(shared));
  return live;
}

// ---- Time

void HttpServer::tick_later() {
  if (is_set() || is_closed_ || (connections_.empty() && !is_draining_)) return;
  // Who waits for a drain does not want to wait for ticks.
  const milliseconds length =
      is_draining_ ? std::min(kDrainTick, tick_length(options_.http)) : tick_length(options_.http);
  loop_->set_timer(*this, std::min(Clock::now() + length, patience_ends_));
}

void HttpServer::on_time(Clock::time_point now) noexcept {
  // Not shared_from_this(), which throws in theory: this is reached from what may not.
  const auto self = weak_from_this().lock();
  for (const auto& connection : live_connections()) connection->check_deadline(now);
  if (is_draining_) drain_websockets();
  if (now >= patience_ends_) {
    close_connections();
    close_websockets(kServiceRestart, "The server is restarting.");
    for (const auto& entrance : entrances()) entrance->close("The server is restarting.");
  }
  if (!is_draining_ || !is_empty()) tick_later();
}

// ---- The end

void HttpServer::close() {
  if (std::exchange(is_closed_, true)) return;
  const auto self = weak_from_this().lock();
  loop_->enter([this] { close_now(); });
}

void HttpServer::on_loop_end() noexcept {
  if (std::exchange(is_closed_, true)) return;
  const auto self = weak_from_this().lock();
  close_now();
}

void HttpServer::close_now() {
  listener_->close();
  cancel();
  if (drained_) loop_->post(std::exchange(drained_, nullptr));
  close_connections();
  close_websockets(kGoingAway, "The server is shutting down.");
  for (const auto& entrance : entrances()) entrance->close("The server is shutting down.");
}

void HttpServer::close_connections() {
  for (const auto& connection : live_connections()) connection->close();
}

void HttpServer::close_websockets(std::uint16_t code, std::string_view reason) {
  // Those that close leave the table later, or now.
  std::vector<std::shared_ptr<WebSocket>> open;
  open.reserve(websockets_.size());
  for (const auto& [id, websocket] : websockets_) open.push_back(websocket.socket);
  for (const auto& socket : open) socket->close(code, reason);
}

void HttpServer::drain(milliseconds patience, std::function<void()> done) {
  const auto self = weak_from_this().lock();
  loop_->enter([&] {
    is_draining_ = true;
    patience_ends_ = Clock::now() + patience;
    drained_ = std::move(done);
    listener_->close();
    for (const auto& connection : live_connections()) connection->finish();
    drain_websockets();
    report_drained();
    cancel();
    tick_later();
  });
}

// Closes those whose calls have all been answered.
void HttpServer::drain_websockets() {
  std::vector<std::shared_ptr<WebSocket>> idle;
  for (const auto& [id, websocket] : websockets_)
    if (websocket.session->is_drained()) idle.push_back(websocket.socket);
  for (const auto& socket : idle) socket->close(kServiceRestart, "The server is restarting.");
  for (const auto& entrance : entrances()) entrance->drain("The server is restarting.");
}

void HttpServer::report_drained() {
  if (!drained_ || !is_empty()) return;
  // Not from within whatever let the last one go.
  loop_->post(std::exchange(drained_, nullptr));
}

// ---- Entrances

void HttpServer::attach(const std::shared_ptr<ServerEntrance>& entrance) {
  std::erase_if(entrances_, [](const auto& weak) { return weak.expired(); });
  entrances_.push_back(entrance);
}

std::vector<std::shared_ptr<ServerEntrance>> HttpServer::entrances() const {
  std::vector<std::shared_ptr<ServerEntrance>> live;
  for (const auto& weak : entrances_)
    if (auto entrance = weak.lock()) live.push_back(std::move(entrance));
  return live;
}

bool HttpServer::is_empty() const noexcept {
  return connections_.empty() && websockets_.empty() &&
         std::all_of(entrances_.begin(), entrances_.end(), [](const auto& weak) {
           const auto entrance = weak.lock();
           return !entrance || entrance->connections() == 0;
         });
}

std::size_t HttpServer::connections() const noexcept {
  std::size_t count = admission_.connections();
  for (const auto& weak : entrances_)
    if (const auto entrance = weak.lock()) count += entrance->connections();
  return count;
}

// ---- WebSockets

void HttpServer::open_websocket(StreamSocket socket, HttpAdmission::Slot slot,
                                detail::Ref<detail::SessionCore> session, std::string response,
                                std::string input) {
  const std::uint64_t id = next_websocket_++;
  websockets_.try_emplace(id, OpenWebSocket{nullptr, session, std::move(slot)});
  WebSocketStart start{.role = WebSocketRole::kServer,
                       .options = websocket_options_,
                       .max_message_bytes = max_message_bytes(options_.session.limits),
                       .first_output = std::move(response),
                       .first_input = std::move(input)};
  start.on_closed = [weak = weak_from_this(), id] {
    if (const auto self = weak.lock()) {
      self->websockets_.erase(id);
      self->report_drained();
    }
  };
  const auto opened =
      WebSocket::start(loop_, std::move(socket), std::move(session), std::move(start));
  // A first message may have closed it, or the server, already.
  if (const auto still = websockets_.find(id); still != websockets_.end())
    still->second.socket = opened;
}

}  // namespace capnweb
