// wt_server.hpp: a server's entrance by WebTransport.
#pragma once

#include <capnweb/webtransport.hpp>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "net/http_server.hpp"
#include "net/loop_core.hpp"
#include "net/server_entrance.hpp"
#include "net/webtransport/quic_server.hpp"
#include "net/webtransport/wt_connection.hpp"

namespace capnweb {

class WtServer final : public std::enable_shared_from_this<WtServer>,
                       public ServerEntrance,
                       private LoopMember {
 public:
  // Listens at once; throws Error if it cannot.
  WtServer(std::shared_ptr<HttpServer> server, WebTransportListenerOptions options);
  ~WtServer();

  void start();
  // Ends it, and its sessions in order; it stays until they are over.
  void close();

  std::uint16_t port() const noexcept { return quic_->port(); }
  std::string url() const;
  const Certificate& certificate() const noexcept { return options_.certificate; }
  void set_certificate(Certificate certificate);

  // ServerEntrance
  std::size_t connections() const noexcept override { return quic_->connections(); }
  void drain(std::string_view reason) override;
  void close(std::string_view reason) override;

 private:
  class Peer;
  using Opened = std::variant<WtOwner::SessionRef, WtRefusal>;

  Opened open_session(const H3Request& request, const QuicPath& path);
  std::optional<WtRefusal> check(const HttpRequest& request) const;
  bool is_own_page(const HttpRequest& request) const;
  bool has_path(std::string_view path) const noexcept;
  void on_connection_over();
  void on_loop_end() noexcept override;
  static Peer& peer_of(QuicLink& link) noexcept;

  std::shared_ptr<LoopCore> loop_;
  std::shared_ptr<HttpServer> server_;
  WebTransportListenerOptions options_;
  std::shared_ptr<QuicServer> quic_;
  std::shared_ptr<WtServer> self_;  // while it closes
  bool is_closed_ = false;
};

}  // namespace capnweb
