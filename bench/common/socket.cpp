#include "common/socket.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

namespace bench {

namespace {

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

void require(bool ok, const char* what) {
  if (!ok) throw std::system_error(errno, std::generic_category(), what);
}

void turn_on(const Fd& fd, int level, int option) {
  const int on = 1;
  ::setsockopt(fd.number(), level, option, &on, sizeof on);
}

bool is_passing(int error) { return error == EAGAIN || error == EINTR; }

}  // namespace

Fd::~Fd() {
  if (number_ >= 0) ::close(number_);
}

Fd listen_on(std::uint16_t port) {
  Fd fd(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  require(static_cast<bool>(fd), "socket");
  turn_on(fd, SOL_SOCKET, SO_REUSEADDR);
  const sockaddr_in address = loopback(port);
  require(::bind(fd.number(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
              ::listen(fd.number(), 4096) == 0,
          "listen");
  return fd;
}

std::uint16_t port_of(const Fd& listener) {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  require(::getsockname(listener.number(), reinterpret_cast<sockaddr*>(&address), &size) == 0,
          "getsockname");
  return ntohs(address.sin_port);
}

Fd connect_to(std::uint16_t port) {
  Fd fd(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  require(static_cast<bool>(fd), "socket");
  turn_on(fd, IPPROTO_TCP, TCP_NODELAY);
  const sockaddr_in address = loopback(port);
  const int status =
      ::connect(fd.number(), reinterpret_cast<const sockaddr*>(&address), sizeof address);
  require(status == 0 || errno == EINPROGRESS, "connect");
  return fd;
}

Fd accept_from(const Fd& listener) {
  Fd fd(::accept4(listener.number(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (fd) turn_on(fd, IPPROTO_TCP, TCP_NODELAY);
  return fd;
}

bool Socket::flush() {
  while (sent_ != out_.size()) {
    const ssize_t count =
        ::send(fd_.number(), out_.data() + sent_, out_.size() - sent_, MSG_NOSIGNAL);
    if (count < 0) return is_passing(errno);
    ++traffic_.sends;
    traffic_.bytes_sent += static_cast<std::uint64_t>(count);
    sent_ += static_cast<std::size_t>(count);
  }
  out_.clear();
  sent_ = 0;
  return true;
}

Socket::Block Socket::receive() {
  static std::array<char, 512 * 1024> buffer;
  const ssize_t count = ::recv(fd_.number(), buffer.data(), buffer.size(), 0);
  if (count <= 0) return {.is_lost = count == 0 || !is_passing(errno)};
  ++traffic_.receives;
  traffic_.bytes_received += static_cast<std::uint64_t>(count);
  return {.begin = buffer.data(), .end = buffer.data() + count};
}

}  // namespace bench
