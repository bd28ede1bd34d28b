#include "net/http_server_listener.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <capnweb/error.hpp>
#include <chrono>
#include <utility>

#include "net/endpoints.hpp"

namespace capnweb {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using Code = boost::system::error_code;

constexpr auto kPause = std::chrono::milliseconds(500);

using ReusePort = asio::detail::socket_option::boolean<SOL_SOCKET, SO_REUSEPORT>;

[[noreturn]] void cannot_listen(const std::string& host, std::uint16_t port, const Code& code) {
  throw Error("Cannot listen on " + host + ":" + std::to_string(port) + ": " + code.message());
}

// Out of descriptors or of memory: it passes, but not at once.
bool is_exhaustion(const Code& code) {
  return code == boost::system::errc::too_many_files_open ||
         code == boost::system::errc::too_many_files_open_in_system ||
         code == boost::system::errc::no_buffer_space ||
         code == boost::system::errc::not_enough_memory;
}

Endpoints<tcp> resolve(const asio::any_io_executor& executor, const std::string& host,
                       std::uint16_t port) {
  Code code;
  Endpoints<tcp> endpoints = listening_endpoints<tcp>(executor, host, port, code);
  if (code) cannot_listen(host, port, code);
  return endpoints;
}

}  // namespace

HttpListener::HttpListener(std::shared_ptr<LoopCore> loop, const std::string& host,
                           std::uint16_t port, bool reuse_port)
    : loop_(std::move(loop)), pause_(loop_->executor()), port_(port) {
  Code last;
  for (tcp::endpoint endpoint : resolve(loop_->executor(), host, port)) {
    endpoint.port(port_);
    try {
      listen(endpoint, reuse_port);
    } catch (const boost::system::system_error& error) {
      last = error.code();
      if (!is_missing_here(last)) break;
    }
  }
  if (acceptors_.empty() || last == boost::system::errc::address_in_use)
    cannot_listen(host, port, last);
  open_spare();
}

HttpListener::~HttpListener() {
  if (spare_ >= 0) ::close(spare_);
}

void HttpListener::listen(const tcp::endpoint& endpoint, bool reuse_port) {
  auto acceptor = std::make_unique<Acceptor>(loop_->executor());
  acceptor->open(endpoint.protocol());
  acceptor->set_option(asio::socket_base::reuse_address(true));
  if (reuse_port) acceptor->set_option(ReusePort(true));
  acceptor->bind(endpoint);
  acceptor->listen();
  acceptor->non_blocking(true);
  port_ = acceptor->local_endpoint().port();
  is_loopback_ = is_loopback_ && endpoint.address().is_loopback();
  acceptors_.push_back(std::move(acceptor));
}

void HttpListener::start(Accepted accepted) {
  accepted_ = std::move(accepted);
  for (const auto& acceptor : acceptors_) accept(*acceptor);
}

void HttpListener::close() {
  accepted_ = nullptr;
  pause_.cancel();
  for (const auto& acceptor : acceptors_) {
    Code ignored;
    acceptor->close(ignored);
  }
}

void HttpListener::accept(Acceptor& acceptor) {
  acceptor.async_accept([self = shared_from_this(), &acceptor](const Code& code, Socket socket) {
    self->loop_->enter([&] { self->on_accept(acceptor, code, std::move(socket)); });
  });
}

void HttpListener::on_accept(Acceptor& acceptor, const Code& code, Socket socket) {
  if (!accepted_) return;
  if (code) return on_accept_error(acceptor, code);
  Code gone;
  const tcp::endpoint peer = socket.remote_endpoint(gone);
  // Asio gives the memory of this operation to the next one. That is an accept, too: a read, which
  // is smaller, would keep it as long as the connection is idle.
  accept(acceptor);
  if (!gone) accepted_(std::move(socket), peer);
}

void HttpListener::on_accept_error(Acceptor& acceptor, const Code& code) {
  if (code == asio::error::operation_aborted) return;
  // A connection that was reset while it waited, and the like, is no matter of ours.
  if (!is_exhaustion(code)) return accept(acceptor);
  shed_one(acceptor);
  paused_.push_back(&acceptor);
  if (paused_.size() == 1) resume_later();
}

// Closing tells the client more than a timeout would.
void HttpListener::shed_one(Acceptor& acceptor) {
  if (spare_ < 0) return;
  ::close(std::exchange(spare_, -1));
  const int victim = ::accept4(acceptor.native_handle(), nullptr, nullptr, SOCK_CLOEXEC);
  if (victim >= 0) ::close(victim);
  open_spare();
}

void HttpListener::resume_later() {
  pause_.expires_after(kPause);
  pause_.async_wait([self = shared_from_this()](const Code& code) {
    if (code || !self->accepted_) return;
    if (self->spare_ < 0) self->open_spare();
    for (Acceptor* acceptor : std::exchange(self->paused_, {})) self->accept(*acceptor);
  });
}

void HttpListener::open_spare() { spare_ = ::open("/dev/null", O_RDONLY | O_CLOEXEC); }

}  // namespace capnweb
