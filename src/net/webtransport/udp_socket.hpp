// udp_socket.hpp: datagrams in and out, many at a time where the kernel can.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ip/udp.hpp>
#include <boost/system/error_code.hpp>
#include <capnweb/error.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <utility>

#include "net/endpoints.hpp"
#include "net/webtransport/quic_connection.hpp"

namespace capnweb {

// What one read gives: datagrams of `segment` bytes each, the last perhaps shorter, from one
// sender.
struct UdpInput {
  QuicPath path;
  std::span<const std::uint8_t> bytes = {};
  std::size_t segment = 0;

  // The first one is taken off. REQUIRES: !bytes.empty().
  std::span<const std::uint8_t> take_first() noexcept;
};

// Why a socket cannot be bound.
class CannotBind : public Error {
 public:
  CannotBind(const std::string& where, const boost::system::error_code& code)
      : Error("Cannot listen on " + where + " (UDP): " + code.message()), code_(code) {}
  const boost::system::error_code& code() const noexcept { return code_; }

 private:
  boost::system::error_code code_;
};

// Sends datagrams joined (GSO) and takes them so (GRO). Knows on which of the machine's addresses
// each came, and answers from there.
class UdpSocket {
 public:
  using Endpoint = boost::asio::ip::udp::endpoint;

  // Bound to an address; throws CannotBind if it cannot be.
  UdpSocket(const boost::asio::any_io_executor& executor, const Endpoint& local, bool reuse_port);

  // The address that it is bound to, with its port.
  const Endpoint& local() const noexcept { return local_; }

  // From now on to `remote` and from there only; then receive() notices that nobody is there.
  void connect(const Endpoint& remote);
  // Whether the machine at the other end has said so, since the last call.
  bool take_refusal() noexcept { return std::exchange(was_refused_, false); }

  // False: nothing has come. `buffer` is to hold 64 KiB.
  bool receive(std::span<std::uint8_t> buffer, UdpInput& input);
  // False: it takes nothing now. What cannot be sent for any other reason is lost, as packets are.
  bool send(const QuicPath& path, std::span<const std::uint8_t> bytes, std::size_t segment);

  // Calls back once, when there is something to receive, or room to send. Not after close().
  void wait_to_receive(std::function<void()> ready);
  void wait_to_send(std::function<void()> ready);

  void close();
  bool is_open() const noexcept { return socket_.is_open(); }

 private:
  bool send_message(const QuicPath& path, std::span<const std::uint8_t> bytes, std::size_t segment);

  boost::asio::ip::udp::socket socket_;
  Endpoint local_;
  bool has_gso_ = true;
  bool was_refused_ = false;
};

// Every address that a host name stands for on this machine: "localhost" is two.
Endpoints<boost::asio::ip::udp> resolve_udp(const boost::asio::any_io_executor& executor,
                                            const std::string& host, std::uint16_t port);

}  // namespace capnweb
