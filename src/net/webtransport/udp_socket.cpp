#include "net/webtransport/udp_socket.hpp"

#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace capnweb {
namespace {

namespace asio = boost::asio;
using asio::ip::udp;
using Code = boost::system::error_code;

// The kernel allows less, by default; a burst should not be lost in it.
constexpr int kBuffer = 4 * 1024 * 1024;

// Datagrams of one send.
constexpr std::size_t kMaxJoined = 60;

void set_option(int socket, int level, int option, int value) noexcept {
  ::setsockopt(socket, level, option, &value, sizeof value);  // without it, it works as well
}

void set_flag(int socket, int level, int option) noexcept { set_option(socket, level, option, 1); }

// Room for the ancillary data of a message.
struct alignas(cmsghdr) Ancillary {
  std::array<char, CMSG_SPACE(sizeof(in6_pktinfo)) + CMSG_SPACE(sizeof(int))> bytes{};
};

template <class T>
void append(msghdr& message, std::size_t& used, int level, int type, const T& value) noexcept {
  auto* const header = reinterpret_cast<cmsghdr*>(static_cast<char*>(message.msg_control) + used);
  header->cmsg_level = level;
  header->cmsg_type = type;
  header->cmsg_len = CMSG_LEN(sizeof value);
  std::memcpy(CMSG_DATA(header), &value, sizeof value);
  used += CMSG_SPACE(sizeof value);
}

template <class T>
T value_of(const cmsghdr* header) noexcept {
  T value;
  std::memcpy(&value, CMSG_DATA(header), sizeof value);
  return value;
}

// The address of ours that the message came to, and how its datagrams are cut.
void read_ancillary(msghdr& message, const udp::endpoint& bound, UdpInput& input) {
  input.path.local = bound;
  input.segment = input.bytes.size();
  for (cmsghdr* header = CMSG_FIRSTHDR(&message); header; header = CMSG_NXTHDR(&message, header)) {
    if (header->cmsg_level == IPPROTO_IP && header->cmsg_type == IP_PKTINFO) {
      const auto info = value_of<in_pktinfo>(header);
      input.path.local.address(asio::ip::address_v4(ntohl(info.ipi_addr.s_addr)));
    } else if (header->cmsg_level == IPPROTO_IPV6 && header->cmsg_type == IPV6_PKTINFO) {
      const auto info = value_of<in6_pktinfo>(header);
      asio::ip::address_v6::bytes_type bytes;
      std::copy(std::begin(info.ipi6_addr.s6_addr), std::end(info.ipi6_addr.s6_addr),
                bytes.begin());
      input.path.local.address(asio::ip::address_v6(bytes));
    } else if (header->cmsg_level == SOL_UDP && header->cmsg_type == UDP_GRO) {
      input.segment = static_cast<std::size_t>(std::max(value_of<int>(header), 1));
    }
  }
}

void append_source(msghdr& message, std::size_t& used, const udp::endpoint& local) {
  if (local.address().is_unspecified()) return;
  if (local.address().is_v4()) {
    in_pktinfo info{};
    info.ipi_spec_dst.s_addr = htonl(local.address().to_v4().to_uint());
    append(message, used, IPPROTO_IP, IP_PKTINFO, info);
  } else {
    in6_pktinfo info{};
    const auto bytes = local.address().to_v6().to_bytes();
    std::copy(bytes.begin(), bytes.end(), std::begin(info.ipi6_addr.s6_addr));
    append(message, used, IPPROTO_IPV6, IPV6_PKTINFO, info);
  }
}

}  // namespace

std::span<const std::uint8_t> UdpInput::take_first() noexcept {
  const auto first = bytes.first(std::min(segment, bytes.size()));
  bytes = bytes.subspan(first.size());
  return first;
}

UdpSocket::UdpSocket(const asio::any_io_executor& executor, const Endpoint& local, bool reuse_port)
    : socket_(executor) {
  Code code;
  socket_.open(local.protocol(), code);
  if (code) throw CannotBind(to_text(local), code);
  const int descriptor = socket_.native_handle();
  // QUIC finds out by itself what fits (RFC 9000, 14): its packets are never to be fragmented.
  if (local.address().is_v6()) {
    // IPv4 has a socket of its own, with the same port.
    set_flag(descriptor, IPPROTO_IPV6, IPV6_V6ONLY);
    set_flag(descriptor, IPPROTO_IPV6, IPV6_RECVPKTINFO);
    set_option(descriptor, IPPROTO_IPV6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_PROBE);
  } else {
    set_flag(descriptor, IPPROTO_IP, IP_PKTINFO);
    set_option(descriptor, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_PROBE);
  }
  set_flag(descriptor, SOL_UDP, UDP_GRO);
  if (reuse_port) set_flag(descriptor, SOL_SOCKET, SO_REUSEPORT);
  Code ignored;
  socket_.set_option(asio::socket_base::receive_buffer_size(kBuffer), ignored);
  socket_.set_option(asio::socket_base::send_buffer_size(kBuffer), ignored);
  socket_.bind(local, code);
  if (code) throw CannotBind(to_text(local), code);
  socket_.non_blocking(true, ignored);
  local_ = socket_.local_endpoint();
}

void UdpSocket::connect(const Endpoint& remote) {
  Code code;
  socket_.connect(remote, code);
  if (code) throw Error(code.message());
  local_ = socket_.local_endpoint();
}

bool UdpSocket::receive(std::span<std::uint8_t> buffer, UdpInput& input) {
  Ancillary ancillary;
  iovec piece{buffer.data(), buffer.size()};
  msghdr message{};
  Endpoint remote;
  message.msg_name = remote.data();
  message.msg_namelen = static_cast<socklen_t>(remote.capacity());
  message.msg_iov = &piece;
  message.msg_iovlen = 1;
  message.msg_control = ancillary.bytes.data();
  message.msg_controllen = ancillary.bytes.size();
  ssize_t size = 0;
  do {
    size = ::recvmsg(socket_.native_handle(), &message, 0);
    // An ICMP message shows up as an error, once.
    was_refused_ = was_refused_ || (size < 0 && errno == ECONNREFUSED);
  } while (size < 0 && (errno == EINTR || errno == ECONNREFUSED));
  if (size < 0) return false;
  remote.resize(message.msg_namelen);
  input.path.remote = remote;
  input.bytes = buffer.first(static_cast<std::size_t>(size));
  read_ancillary(message, local_, input);
  return true;
}

bool UdpSocket::send(const QuicPath& path, std::span<const std::uint8_t> bytes,
                     std::size_t segment) {
  bool may_join = has_gso_;
  while (!bytes.empty()) {
    const std::size_t most = may_join ? segment * kMaxJoined : segment;
    const auto piece = bytes.first(std::min(most, bytes.size()));
    if (!send_message(path, piece, segment)) {
      if (errno == EINTR) continue;
      if (errno == EAGAIN || errno == EWOULDBLOCK || errno == ENOBUFS) return false;
      const bool is_joined = piece.size() > segment;
      // A device that cannot cut datagrams apart says so by these. Where the kernel knows of a path
      // on which they do not fit it cuts none, though one by one they may pass.
      if (is_joined && (errno == EIO || errno == EINVAL || errno == EMSGSIZE)) {
        has_gso_ = has_gso_ && errno == EMSGSIZE;
        may_join = false;
        continue;
      }
    }
    bytes = bytes.subspan(piece.size());
  }
  return true;
}

bool UdpSocket::send_message(const QuicPath& path, std::span<const std::uint8_t> bytes,
                             std::size_t segment) {
  Ancillary ancillary;
  iovec piece{const_cast<std::uint8_t*>(bytes.data()), bytes.size()};
  msghdr message{};
  message.msg_name = const_cast<sockaddr*>(path.remote.data());
  message.msg_namelen = static_cast<socklen_t>(path.remote.size());
  message.msg_iov = &piece;
  message.msg_iovlen = 1;
  message.msg_control = ancillary.bytes.data();
  std::size_t used = 0;
  append_source(message, used, path.local);
  if (bytes.size() > segment)
    append(message, used, SOL_UDP, UDP_SEGMENT, static_cast<std::uint16_t>(segment));
  message.msg_controllen = used;
  if (used == 0) message.msg_control = nullptr;
  return ::sendmsg(socket_.native_handle(), &message, MSG_NOSIGNAL) >= 0;
}

void UdpSocket::wait_to_receive(std::function<void()> ready) {
  socket_.async_wait(udp::socket::wait_read, [ready = std::move(ready)](const Code& code) {
    if (!code) ready();
  });
}

void UdpSocket::wait_to_send(std::function<void()> ready) {
  socket_.async_wait(udp::socket::wait_write, [ready = std::move(ready)](const Code& code) {
    if (!code) ready();
  });
}

void UdpSocket::close() {
  Code ignored;
  socket_.close(ignored);
}

Endpoints<udp> resolve_udp(const asio::any_io_executor& executor, const std::string& host,
                           std::uint16_t port) {
  Code code;
  Endpoints<udp> endpoints = listening_endpoints<udp>(executor, host, port, code);
  if (code) throw CannotBind(host + ":" + std::to_string(port), code);
  // As a TCP socket on "::" takes IPv4, too.
  const udp::endpoint every(udp::v6(), port);
  if (endpoints == Endpoints<udp>{every}) endpoints.emplace(endpoints.begin(), udp::v4(), port);
  return endpoints;
}

}  // namespace capnweb
