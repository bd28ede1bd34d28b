// webtransport.hpp: Cap'n Web over WebTransport (HTTP/3).
//
// Part of capnweb::webtransport, which needs ngtcp2, nghttp3 and GnuTLS. In a program of which any
// source includes this, connect() uses WebTransport for `https://` URLs whose path ends with /wt.
#pragma once

#include <array>
#include <capnweb/certificate.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace capnweb {

class ClientTransport;
class Server;
class WtServer;

// How a QUIC connection finds out how fast it may send.
enum class CongestionControl : std::uint8_t { kCubic, kReno, kBbr, kBbr2 };

// What can be set about connections, on both sides. Every time and size is one connection's.
struct WebTransportOptions {
  // A peer that has been silent for this long is gone...
  std::chrono::milliseconds idle_timeout{30'000};
  // ...unless something is sent to it before that. 0: only the application's messages are.
  std::chrono::milliseconds keep_alive_after{10'000};
  // How long the peer may take to acknowledge the last messages, and then to answer the close.
  std::chrono::milliseconds close_within{5'000};
  // While output waits, how long the peer may take none of it.
  std::chrono::milliseconds stalled_after{30'000};
  // Accepting side only (if both sides did it, both could wait for ever): while this many bytes
  // wait for a peer that does not read, its messages are not read either...
  std::size_t pause_reading_at = 1024 * 1024;
  // ...until no more than these are left.
  std::size_t resume_reading_at = 256 * 1024;
  // Accepting side only: with more bytes waiting the session is given up. The message that is
  // being sent does not count.
  std::size_t max_unsent = 64 * 1024 * 1024;
  // CUBIC shares lossy networks fairly; BBR makes more of them.
  CongestionControl congestion_control = CongestionControl::kCubic;
};

// ---- Servers

struct WebTransportListenerOptions {
  // An address or a name to listen on, IPv4 and IPv6 on one UDP port; empty: the server's host.
  std::string host = {};
  // 0 picks a free one; see WebTransportListener::port().
  std::uint16_t port = 0;
  // By default one for localhost that browsers accept by its hash; see
  // WebTransportListener::certificate().
  Certificate certificate = Certificate::self_signed();
  WebTransportOptions connection = {};
  // With more handshakes than these under way, clients have to prove their address first.
  std::size_t max_half_open = 100;
  // What ids and tokens are made with. A server that has it from before its restart can tell
  // clients that their connections are gone; else they wait for WebTransportOptions::idle_timeout.
  // To be kept as safe as a key. Not for servers that share a port (ServerOptions::reuse_port):
  // each would end connections of another whenever a packet strays to it.
  std::optional<std::array<std::uint8_t, 32>> secret = std::nullopt;
};

// Lets clients come to a server by WebTransport, too: same factory (RequestInfo::is_webtransport),
// hosts, origins and limits, on `<path>` and `<path>/wt`, or everywhere
// (ServerOptions::every_path). Browsers let pages of any origin connect and this server refuses
// them, unless they are its own (of its TCP port, too) or in ServerOptions::origins. Every other
// request over HTTP/3 gets a 404.
//
//   capnweb::Server server({.port = 8080}, factory);
//   capnweb::WebTransportListener listener(server, {.port = 4433, .certificate = certificate});
//
// Closes and drains with the server, or when it is destroyed. On the server's loop.
class WebTransportListener {
 public:
  // Throws Error if it cannot listen.
  explicit WebTransportListener(Server& server, WebTransportListenerOptions options = {});
  WebTransportListener(WebTransportListener&&) noexcept;
  WebTransportListener& operator=(WebTransportListener&&) noexcept;
  ~WebTransportListener();

  std::uint16_t port() const noexcept;
  // "https://localhost:4433/rpc/wt"
  std::string url() const;
  std::size_t connections() const noexcept;

  const Certificate& certificate() const noexcept;
  // For connections that begin from now on. A server that runs for long makes a new one before the
  // old one ends, and tells pages the hashes of both.
  void set_certificate(Certificate certificate);

 private:
  std::shared_ptr<WtServer> server_;
};

// ---- Clients

struct WebTransportClientOptions {
  // Accept a server that shows one of these certificates, whatever it is called, as browsers do:
  // ECDSA P-256, valid now, and for fourteen days at most.
  std::vector<CertificateHash> certificate_hashes = {};
  // Without hashes the server's certificate must be made for the host of the URL by an authority of
  // this PEM file, or of the system's where it is empty.
  std::filesystem::path ca_file = {};
  WebTransportOptions connection = {};
};

// For ConnectOptions::transport: what `https://` URLs are connected to with. One may serve any
// number of connections. Throws Error if the file cannot be read.
//
//   auto api = co_await capnweb::connect<Calculator>(
//       "https://example.org:4433/rpc/wt", {.transport = capnweb::webtransport()});
//
// Errors begin with "WebTransport connection failed." and say whether the server was not found, not
// reached, not trusted, or has refused the session, and why.
std::shared_ptr<const ClientTransport> webtransport(WebTransportClientOptions options = {});

namespace detail {

// Lets connect() find what webtransport() gives, for URLs whose path ends with /wt.
bool use_webtransport_for_wt() noexcept;
// In whoever includes this: a linker leaves out of a static library what nobody refers to.
inline const bool kUsesWebTransportForWt = use_webtransport_for_wt();

}  // namespace detail

}  // namespace capnweb
