#include "net/http_server.hpp"

#include <algorithm>
#include <utility>

#include "net/http_server_connection.hpp"

namespace capnweb {
namespace {

using Code = boost::system::error_code;
using std::chrono::milliseconds;

// Connections over the limit that are being told so; more are closed without a word.
constexpr std::size_t kMaxTurnedAway = 64;

// How often deadlines are looked at: a quarter of the shortest, but not all the time.
milliseconds tick_length(const HttpLimits& limits) {
  const milliseconds shortest = std::min({limits.header_time, limits.body_time, limits.write_time,
                                          limits.keep_alive_time, limits.batch_time});
  return std::clamp(shortest / 4, milliseconds(5), milliseconds(1'000));
}

HttpResponse refuse(const RequestRefused& refused) {
  HttpResponse response(refused.status(), refused.what());
  response.headers = refused.headers();
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

HttpServer::HttpServer(boost::asio::any_io_executor executor, ServerOptions options,
                       SessionFactory factory)
    : executor_(std::move(executor)),
      options_(std::move(options)),
      factory_(std::move(factory)),
      listener_(std::make_shared<HttpListener>(executor_, options_.host, options_.port,
                                               options_.reuse_port)),
      routes_(options_, listener_->is_loopback()),
      admission_(options_.http),
      ticker_(executor_) {}

void HttpServer::start() {
  listener_->start([weak = weak_from_this()](HttpListener::Socket socket,
                                             const boost::asio::ip::tcp::endpoint& peer) {
    if (const auto self = weak.lock()) self->on_accept(std::move(socket), peer);
  });
}

void HttpServer::on_accept(HttpListener::Socket socket,
                           const boost::asio::ip::tcp::endpoint& peer) {
  auto slot = admission_.admit(peer.address());
  if (!slot && turned_away_ >= kMaxTurnedAway) return;
  const auto connection = std::make_shared<HttpConnection>(shared_from_this(), std::move(socket),
                                                           peer, std::move(slot));
  if (connection->is_admitted())
    connection->start();
  else
    connection->turn_away();
  tick_later();
}

std::string HttpServer::url() const {
  std::string host = options_.host;
  if (host == "0.0.0.0" || host == "::") host = "localhost";
  if (host.find(':') != host.npos) host = "[" + host + "]";
  return "http://" + host + ":" + std::to_string(port()) + options_.path;
}

std::variant<Value, HttpResponse> HttpServer::make_main(const RequestInfo& request) {
  try {
    return factory_(request);
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
  if (is_ticking_ || is_closed_ || connections_.empty()) return;
  is_ticking_ = true;
  ticker_.expires_after(tick_length(options_.http));
  ticker_.async_wait([self = shared_from_this()](const Code& code) {
    self->is_ticking_ = false;
    if (!code) self->tick();
  });
}

void HttpServer::tick() {
  const Clock::time_point now = Clock::now();
  for (const auto& connection : live_connections()) connection->check_deadline(now);
  if (now >= patience_ends_) close_connections();
  tick_later();
}

// ---- The end

void HttpServer::close() {
  if (std::exchange(is_closed_, true)) return;
  const auto self = shared_from_this();
  listener_->close();
  ticker_.cancel();
  close_connections();
  drained_ = nullptr;
}

void HttpServer::close_connections() {
  for (const auto& connection : live_connections()) connection->close();
}

void HttpServer::drain(milliseconds patience, std::function<void()> done) {
  const auto self = shared_from_this();
  is_draining_ = true;
  patience_ends_ = Clock::now() + patience;
  drained_ = std::move(done);
  listener_->close();
  for (const auto& connection : live_connections()) connection->finish();
  report_drained();
}

void HttpServer::report_drained() {
  if (!is_draining_ || !drained_ || !connections_.empty()) return;
  // Not from within whatever let the last one go.
  boost::asio::post(executor_, std::exchange(drained_, nullptr));
}

}  // namespace capnweb
