#include "network/tun_namespace.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

namespace network {

namespace {

// So long that only we lose packets.
constexpr int kQueueLength = 20'000;

void check(int result, const char* what) {
  if (result < 0) throw std::system_error(errno, std::generic_category(), what);
}

ifreq named(const char* name) {
  ifreq request{};
  std::strncpy(request.ifr_name, name, sizeof(request.ifr_name) - 1);
  return request;
}

void set_address(int socket, const char* name, unsigned long what, const char* address) {
  sockaddr_in in{};
  in.sin_family = AF_INET;
  ::inet_pton(AF_INET, address, &in.sin_addr);
  ifreq request = named(name);
  std::memcpy(&request.ifr_addr, &in, sizeof(in));
  check(::ioctl(socket, what, &request), "cannot set an address");
}

void switch_on(int socket, const char* name) {
  ifreq request = named(name);
  request.ifr_flags = IFF_UP;
  check(::ioctl(socket, SIOCSIFFLAGS, &request), "cannot switch an interface on");
}

Descriptor open_tun() {
  Descriptor tun(::open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC),
                 "cannot open /dev/net/tun");
  ifreq request = named("tun0");
  request.ifr_flags = IFF_TUN | IFF_NO_PI;
  check(::ioctl(tun.get(), TUNSETIFF, &request), "cannot make a TUN device");
  return tun;
}

void set_up(const char* address) {
  const Descriptor socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), "cannot make a socket");
  ifreq request = named("tun0");
  request.ifr_qlen = kQueueLength;
  // Root only, not of a user namespace: bursts lose more where it fails.
  static_cast<void>(::ioctl(socket.get(), SIOCSIFTXQLEN, &request));
  set_address(socket.get(), "tun0", SIOCSIFADDR, address);
  set_address(socket.get(), "tun0", SIOCSIFNETMASK, "255.255.255.0");
  switch_on(socket.get(), "lo");
  switch_on(socket.get(), "tun0");
}

Descriptor open_own_space() {
  return {::open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC),
          "cannot open a network namespace"};
}

// Leads the thread back.
class Return {
 public:
  ~Return() {
    // Where this fails, the next steps do.
    static_cast<void>(::setns(home_.get(), CLONE_NEWNET));
  }

 private:
  Descriptor home_ = open_own_space();
};

}  // namespace

Descriptor::Descriptor(int number, const char* what) : number_(number) { check(number, what); }

Descriptor::~Descriptor() {
  if (number_ >= 0) ::close(number_);
}

Descriptor::Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}

TunNamespace::TunNamespace(const char* address) : TunNamespace(make(address)) {}

TunNamespace::TunNamespace(Parts parts)
    : space_(std::move(parts.space)), tun_(std::move(parts.tun)) {}

TunNamespace::Parts TunNamespace::make(const char* address) {
  const Return home;
  check(::unshare(CLONE_NEWNET), "cannot make a network namespace");
  Parts parts{open_own_space(), open_tun()};
  set_up(address);
  return parts;
}

std::string TunNamespace::path() const {
  return "/proc/" + std::to_string(::getpid()) + "/fd/" + std::to_string(space_.get());
}

}  // namespace network
