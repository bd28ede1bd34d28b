// quic_tls.hpp: TLS 1.3 for QUIC: who we are, and whom we trust.
#pragma once

#include <ngtcp2/ngtcp2.h>
#include <ngtcp2/ngtcp2_crypto.h>

#include <capnweb/certificate.hpp>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "net/webtransport/gnutls_handles.hpp"

namespace capnweb {

// Shared by all connections that were made with them.
class QuicCredentials {
 public:
  // What a server shows.
  explicit QuicCredentials(const Certificate& certificate);

  // What a client accepts: a certificate with one of the hashes, valid now and pinnable as in
  // browsers; without hashes, one that an authority vouches for, of `ca_file` or of the system.
  // Throws Error if the file cannot be read.
  QuicCredentials(std::vector<CertificateHash> hashes, const std::filesystem::path& ca_file);

  gnutls_certificate_credentials_t get() const noexcept { return credentials_.get(); }
  const std::vector<CertificateHash>& hashes() const noexcept { return hashes_; }

 private:
  GnutlsCredentials credentials_;
  std::vector<CertificateHash> hashes_;
};

// TLS of one connection. Does not move: GnuTLS has its address.
class QuicTls {
 public:
  // A server's, and a client's that wants to talk to `host`, a DNS name or an IP address.
  explicit QuicTls(std::shared_ptr<const QuicCredentials> credentials);
  QuicTls(std::shared_ptr<const QuicCredentials> credentials, std::string host);
  QuicTls(const QuicTls&) = delete;
  QuicTls& operator=(const QuicTls&) = delete;

  // Joins it with its connection. REQUIRES: the connection outlives the last use of this.
  void attach(ngtcp2_conn* connection) noexcept;

  // Why this client has refused the server's certificate: a sentence, or "".
  const std::string& refusal() const noexcept { return refusal_; }

 private:
  friend class QuicCredentials;
  void set_up(unsigned flags);
  static int verify(gnutls_session_t session);
  bool verify_peer();
  bool verify_pinned();
  bool verify_by_authority();

  std::shared_ptr<const QuicCredentials> credentials_;
  std::string host_;
  std::string refusal_;
  ngtcp2_conn* connection_ = nullptr;
  ngtcp2_crypto_conn_ref reference_{};
  GnutlsSession session_;
};

}  // namespace capnweb
