#include "net/webtransport/udp_socket.hpp"

#include <gtest/gtest.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <cstring>
#include <vector>

namespace capnweb {
namespace {

using Endpoint = UdpSocket::Endpoint;

// Exit codes of a child.
constexpr int kNotPermitted = 77;
constexpr int kFailed = 1;

// Moves this process into a network of its own, of one device whose packets have `mtu` bytes.
bool enter_network(int mtu) {
  if (::unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0) return false;
  const int descriptor = ::socket(AF_INET, SOCK_DGRAM, 0);
  ifreq request{};
  std::strcpy(request.ifr_name, "lo");
  request.ifr_mtu = mtu;
  if (::ioctl(descriptor, SIOCSIFMTU, &request) != 0) return false;
  request.ifr_flags = IFF_UP;
  const bool is_up = ::ioctl(descriptor, SIOCSIFFLAGS, &request) == 0;
  ::close(descriptor);
  return is_up;
}

// How many of `count` datagrams of `size` bytes arrive that are sent at once.
std::size_t arrivals(UdpSocket& from, UdpSocket& to, std::size_t count, std::size_t size) {
  const std::vector<std::uint8_t> bytes(count * size);
  if (!from.send({from.local(), to.local()}, bytes, size)) return 0;
  std::vector<std::uint8_t> buffer(64 * 1024);
  std::size_t arrived = 0;
  for (UdpInput input; to.receive(buffer, input);)
    for (; !input.bytes.empty(); ++arrived) input.take_first();
  return arrived;
}

int send_over_a_narrow_network() {
  if (!enter_network(1420)) return kNotPermitted;
  boost::asio::io_context loop;
  const Endpoint any(boost::asio::ip::address_v4::loopback(), 0);
  UdpSocket from(loop.get_executor(), any, false);
  UdpSocket to(loop.get_executor(), any, false);
  EXPECT_EQ(arrivals(from, to, 5, 1200), 5U);
  EXPECT_EQ(arrivals(from, to, 1, 1392), 1U);
  EXPECT_EQ(arrivals(from, to, 1, 1393), 0U) << "a probe that is too large must not arrive";
  EXPECT_EQ(arrivals(from, to, 5, 1452), 0U);
  EXPECT_EQ(arrivals(from, to, 5, 1392), 5U);
  return ::testing::Test::HasFailure() ? kFailed : 0;
}

// What a network does not carry whole is lost, as QUIC takes it to be (RFC 9000, 14).
TEST(UdpSocket, SendsNoFragments) {
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) ::_exit(send_over_a_narrow_network());
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFEXITED(status));
  if (WEXITSTATUS(status) == kNotPermitted) GTEST_SKIP() << "may make no network";
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

}  // namespace
}  // namespace capnweb
