// quic_client.hpp: one QUIC connection to a server.
#pragma once

#include <boost/asio/ip/udp.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "net/loop_core.hpp"
#include "net/webtransport/quic_link.hpp"
#include "net/webtransport/udp_socket.hpp"

namespace capnweb {

class QuicClient final : public std::enable_shared_from_this<QuicClient>, private QuicLinkHost {
 public:
  using Endpoint = boost::asio::ip::udp::endpoint;

  QuicClient(std::shared_ptr<LoopCore> loop, std::function<void()> on_over);
  ~QuicClient();

  // Begins a handshake with the server at `remote`, which is to be `host`. Throws Error.
  void connect(const Endpoint& remote, const std::string& host, const WebTransportOptions& options,
               std::shared_ptr<const QuicCredentials> credentials,
               std::chrono::milliseconds handshake_within,
               const std::function<std::unique_ptr<QuicPeer>(QuicLink&)>& make_peer);

  // Whether the machine at the other end has said that nobody listens there.
  bool was_refused() const noexcept { return was_refused_; }

  // Null before connect() and when the connection is over.
  const std::shared_ptr<QuicLink>& link() const noexcept { return link_; }

  // Goes on from another port; false if the handshake is not confirmed yet.
  bool migrate();

  // Closes sockets and forgets the connection, without a word.
  void close() noexcept;

 private:
  std::shared_ptr<UdpSocket> open_socket(const Endpoint& remote);
  void read_later(const std::shared_ptr<UdpSocket>& socket);
  void read(const std::shared_ptr<UdpSocket>& socket);

  void add_id(const QuicId&, QuicLink&) override {}
  void remove_id(const QuicId&) override {}
  QuicResetToken reset_token(const QuicId&) override;
  void on_over(QuicLink& link) override;

  std::shared_ptr<LoopCore> loop_;
  std::function<void()> on_over_;
  std::vector<std::shared_ptr<UdpSocket>> sockets_;  // the last is in use
  std::shared_ptr<QuicLink> link_;
  Endpoint remote_;
  std::vector<std::uint8_t> input_;
  bool was_refused_ = false;
};

}  // namespace capnweb
