// certificate.hpp: TLS certificates for WebTransport: making, keeping and pinning them.
//
// Part of capnweb::webtransport.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace capnweb {

// SHA-256 of a certificate, by which a client can know a server that no authority vouches for.
class CertificateHash {
 public:
  using Bytes = std::array<std::uint8_t, 32>;

  explicit CertificateHash(const Bytes& bytes) noexcept : bytes_(bytes) {}
  // 64 hexadecimal digits of either case, colons between them allowed. Throws Error for anything
  // else.
  static CertificateHash from_hex(std::string_view text);

  const Bytes& bytes() const noexcept { return bytes_; }
  std::string to_hex() const;
  // An entry of a page's list: `new WebTransport(url, {serverCertificateHashes: [<this>]})`.
  std::string to_javascript() const;

  friend bool operator==(const CertificateHash&, const CertificateHash&) = default;

 private:
  Bytes bytes_;
};

// What a self-signed certificate is to say.
struct SelfSigned {
  // DNS names, and IP addresses as text, under which the server is reached.
  std::vector<std::string> names = {"localhost", "127.0.0.1", "::1"};
  // From a minute ago, as clocks differ. Browsers accept a hash for fourteen days at most.
  std::chrono::seconds lifetime = std::chrono::days(14);
};

// A certificate, those that vouch for it, and its private key: what a server shows and proves. Does
// not change; copies share it, also among threads. Functions throw Error, with the file's name
// where there is one.
class Certificate {
 public:
  using Time = std::chrono::system_clock::time_point;

  // A fresh ECDSA P-256 key, signed by itself. Browsers accept such a certificate by its hash only.
  static Certificate self_signed(const SelfSigned& options = {});

  // From PEM text: the server's own certificate first, then those between it and a root. Refuses a
  // key that is not the certificate's.
  static Certificate from_pem(std::string_view certificates, std::string_view key);
  static Certificate load(const std::filesystem::path& certificates,
                          const std::filesystem::path& key);

  // Writes the two PEM files, each whole or not at all; only the owner can read the key (0600).
  // Replaces files that are there.
  void save(const std::filesystem::path& certificates, const std::filesystem::path& key) const;

  const std::string& certificate_pem() const noexcept;
  const std::string& key_pem() const noexcept;

  // Of the server's own certificate.
  const CertificateHash& hash() const noexcept;
  const std::vector<std::string>& names() const noexcept;  // as in SelfSigned
  Time not_before() const noexcept;
  Time not_after() const noexcept;

  bool is_valid_at(Time time) const noexcept { return not_before() <= time && time <= not_after(); }
  // Whether it names `host`, a DNS name or an IP address; "*.example.org" names www.example.org.
  bool covers(std::string_view host) const;
  // Whether browsers accept it by its hash: ECDSA P-256, valid for fourteen days at most.
  bool can_be_pinned() const noexcept;

 private:
  struct Data;
  explicit Certificate(std::shared_ptr<const Data> data) noexcept;
  std::shared_ptr<const Data> data_;
};

}  // namespace capnweb
