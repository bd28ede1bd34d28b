#include "counts/system_calls.hpp"

#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

namespace bench {

SystemCalls& system_calls_of_this_thread() noexcept {
  thread_local SystemCalls calls;
  return calls;
}

namespace {

template <class... A>
ssize_t count(std::size_t SystemCalls::* kind, long number, A... arguments) noexcept {
  ++(system_calls_of_this_thread().*kind);
  return ::syscall(number, arguments...);
}

}  // namespace
}  // namespace bench

using bench::count;
using bench::SystemCalls;

extern "C" {

ssize_t send(int fd, const void* data, size_t size, int flags) {
  return count(&SystemCalls::sends, SYS_sendto, fd, data, size, flags, nullptr, 0);
}
ssize_t sendmsg(int fd, const msghdr* message, int flags) {
  return count(&SystemCalls::sends, SYS_sendmsg, fd, message, flags);
}
ssize_t write(int fd, const void* data, size_t size) {
  return count(&SystemCalls::sends, SYS_write, fd, data, size);
}
ssize_t writev(int fd, const iovec* parts, int number) {
  return count(&SystemCalls::sends, SYS_writev, fd, parts, number);
}
ssize_t recv(int fd, void* data, size_t size, int flags) {
  return count(&SystemCalls::receives, SYS_recvfrom, fd, data, size, flags, nullptr, nullptr);
}
ssize_t recvmsg(int fd, msghdr* message, int flags) {
  return count(&SystemCalls::receives, SYS_recvmsg, fd, message, flags);
}
ssize_t read(int fd, void* data, size_t size) {
  return count(&SystemCalls::receives, SYS_read, fd, data, size);
}
ssize_t readv(int fd, const iovec* parts, int number) {
  return count(&SystemCalls::receives, SYS_readv, fd, parts, number);
}

}  // extern "C"
