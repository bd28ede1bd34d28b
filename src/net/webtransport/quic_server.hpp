// quic_server.hpp: accepting QUIC connections on a UDP port.
#pragma once

#include <capnweb/server.hpp>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "net/http_server_admission.hpp"
#include "net/loop_core.hpp"
#include "net/webtransport/quic_link.hpp"
#include "net/webtransport/quic_packet.hpp"
#include "net/webtransport/udp_socket.hpp"

namespace capnweb {

// Finds the connection of each packet by the id in it, and decides about those of none: a new
// connection, a Retry, a version negotiation, a stateless reset, or nothing at all. What comes from
// an address that nobody has proved costs one connection of at most max_half_open; from then on
// clients have to prove theirs, which costs nothing.
class QuicServer final : public std::enable_shared_from_this<QuicServer>, private QuicLinkHost {
 public:
  struct Options {
    std::string host = "127.0.0.1";
    std::uint16_t port = 0;
    bool reuse_port = false;
    WebTransportOptions connection = {};
    HttpLimits limits = {};  // how many connections, altogether and of one address
    std::size_t max_half_open = 100;
    QuicSecret secret = make_quic_secret();
  };
  // Makes who uses a connection of a client's.
  using MakePeer = std::function<std::unique_ptr<QuicPeer>(QuicLink&, const QuicPath&)>;

  // Binds its sockets; throws Error if it cannot.
  QuicServer(std::shared_ptr<LoopCore> loop, Options options,
             std::shared_ptr<const QuicCredentials> credentials);
  ~QuicServer();

  // `on_change`: a connection is over.
  void start(MakePeer make_peer, std::function<void()> on_change);
  // For connections that begin from now on.
  void set_credentials(std::shared_ptr<const QuicCredentials> credentials) noexcept;
  // Takes no new connections.
  void stop_accepting() noexcept { make_peer_ = nullptr; }
  // Closes sockets and forgets connections.
  void close() noexcept;

  std::uint16_t port() const noexcept { return sockets_.front()->local().port(); }
  // Whether only this machine can connect.
  bool is_loopback() const noexcept;
  std::size_t connections() const noexcept { return links_.size(); }
  std::vector<std::shared_ptr<QuicLink>> links() const;

 private:
  class ReadsOn;

  struct Entry {
    std::shared_ptr<QuicLink> link;
    HttpAdmission::Slot slot;
  };

  void bind(const std::string& host, std::uint16_t port, bool reuse_port);
  void read_later(const std::shared_ptr<UdpSocket>& socket);
  void read(const std::shared_ptr<UdpSocket>& socket);
  void receive(const std::shared_ptr<UdpSocket>& socket, UdpInput input);
  void receive_stranger(const std::shared_ptr<UdpSocket>& socket, const QuicPacketHead& head,
                        const UdpInput& input);
  std::shared_ptr<QuicLink> accept(const std::shared_ptr<UdpSocket>& socket,
                                   std::span<const std::uint8_t> packet, const QuicPath& path);
  void answer(UdpSocket& socket, const QuicPath& path, const std::string& packet);
  bool may_answer();
  bool has_many_half_open() noexcept;

  // QuicLinkHost
  void add_id(const QuicId& id, QuicLink& link) override;
  void remove_id(const QuicId& id) override;
  QuicResetToken reset_token(const QuicId& id) override { return stateless_.reset_token(id); }
  void on_over(QuicLink& link) override;

  std::shared_ptr<LoopCore> loop_;
  Options options_;
  std::shared_ptr<const QuicCredentials> credentials_;
  QuicStateless stateless_;
  HttpAdmission admission_;
  MakePeer make_peer_;
  std::function<void()> on_change_;
  std::vector<std::shared_ptr<UdpSocket>> sockets_;
  std::unordered_map<QuicLink*, Entry> links_;
  std::unordered_set<QuicLink*> half_open_;  // and some that are not any more
  // By bytes that clients may choose, so ordered, not hashed.
  std::map<QuicId, QuicLink*> by_id_;
  std::vector<std::uint8_t> input_;

  LoopCore::Clock::time_point second_{};  // in which answers_ have been given
  std::size_t answers_ = 0;
};

}  // namespace capnweb
