#include <capnweb/server.hpp>
#include <coroutine>
#include <utility>

#include "net/http_server.hpp"

namespace capnweb {

std::string_view RequestInfo::path() const noexcept {
  return std::string_view(target).substr(0, target.find('?'));
}

std::string_view RequestInfo::query() const noexcept {
  const std::size_t mark = target.find('?');
  return mark == target.npos ? std::string_view() : std::string_view(target).substr(mark + 1);
}

RequestRefused::RequestRefused(int status, std::string text)
    : status_(status), text_(std::move(text)) {}

RequestRefused& RequestRefused::header(std::string_view name, std::string_view value) {
  headers_.append(name, value);
  return *this;
}

// ---- Server

Server::Server(Loop& loop, ServerOptions options, SessionFactory factory)
    : server_(std::make_shared<HttpServer>(loop.core(), std::move(options), std::move(factory))) {
  server_->start();
}

Server::Server(Server&&) noexcept = default;

Server& Server::operator=(Server&& other) noexcept {
  if (server_ && server_ != other.server_) server_->close();
  server_ = std::move(other.server_);
  return *this;
}

Server::~Server() {
  if (server_) server_->close();
}

std::uint16_t Server::port() const noexcept { return server_->port(); }

std::string Server::url() const { return server_->url(); }

void Server::route(std::string path, std::string content_type, std::string body) {
  server_->add_page(std::move(path), std::move(content_type), std::move(body));
}

std::size_t Server::connections() const noexcept { return server_->connections(); }

namespace {

// Suspends until a server is drained. A coroutine that is destroyed meanwhile is not resumed.
class Drained {
 public:
  Drained(std::shared_ptr<HttpServer> server, std::chrono::milliseconds patience)
      : server_(std::move(server)), patience_(patience) {}
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> waiting) {
    *waiting_ = waiting;
    server_->drain(patience_, [weak = std::weak_ptr(waiting_)] {
      if (const auto still_waiting = weak.lock()) still_waiting->resume();
    });
  }
  void await_resume() const noexcept {}

 private:
  std::shared_ptr<HttpServer> server_;
  std::chrono::milliseconds patience_;
  std::shared_ptr<std::coroutine_handle<>> waiting_ = std::make_shared<std::coroutine_handle<>>();
};

}  // namespace

Task<> Server::drain(std::chrono::milliseconds patience) {
  Drained drained(server_, patience);
  co_await drained;
}

}  // namespace capnweb
