#include "common/poller.hpp"

#include <sys/epoll.h>

#include <array>
#include <cerrno>
#include <system_error>

namespace bench {

Poller::Poller() : epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
  if (!epoll_) throw std::system_error(errno, std::generic_category(), "epoll_create1");
}

void Poller::add(int fd, Handler& handler, bool writable) {
  control(EPOLL_CTL_ADD, fd, handler, writable);
}

void Poller::change(int fd, Handler& handler, bool writable) {
  control(EPOLL_CTL_MOD, fd, handler, writable);
}

void Poller::control(int operation, int fd, Handler& handler, bool writable) {
  epoll_event event{};
  event.events = writable ? EPOLLIN | EPOLLOUT : EPOLLIN;
  event.data.ptr = &handler;
  if (::epoll_ctl(epoll_.number(), operation, fd, &event) != 0)
    throw std::system_error(errno, std::generic_category(), "epoll_ctl");
}

void Poller::wait(int milliseconds) {
  std::array<epoll_event, 256> events;
  const int count =
      ::epoll_wait(epoll_.number(), events.data(), static_cast<int>(events.size()), milliseconds);
  for (int i = 0; i < count; ++i) {
    const epoll_event& event = events[static_cast<std::size_t>(i)];
    auto& handler = *static_cast<Handler*>(event.data.ptr);
    if (event.events & EPOLLOUT) handler.on_writable();
    if (event.events & (EPOLLIN | EPOLLHUP | EPOLLERR)) handler.on_readable();
  }
}

}  // namespace bench
