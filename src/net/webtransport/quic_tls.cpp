#include "net/webtransport/quic_tls.hpp"

#include <ngtcp2/ngtcp2_crypto_gnutls.h>

#include <algorithm>
#include <array>
#include <utility>

#include "net/url.hpp"
#include "net/webtransport/certificate_data.hpp"

namespace capnweb {
namespace {

// TLS 1.3 alone, and not disguised as 1.2 (RFC 9001, 8.4).
constexpr const char* kPriority =
    "NORMAL:-VERS-ALL:+VERS-TLS1.3:-CIPHER-ALL:+AES-128-GCM:+AES-256-GCM:+CHACHA20-POLY1305:"
    "+AES-128-CCM:-GROUP-ALL:+GROUP-X25519:+GROUP-SECP256R1:+GROUP-SECP384R1:+GROUP-SECP521R1:"
    "%DISABLE_TLS13_COMPAT_MODE";

// Parsed once a process.
gnutls_priority_t priority() {
  static const gnutls_priority_t kParsed = [] {
    gnutls_priority_t parsed = nullptr;
    gnutls_check(gnutls_priority_init(&parsed, kPriority, nullptr), "Cannot set TLS up");
    return parsed;
  }();
  return kParsed;
}

GnutlsCredentials make_credentials() {
  gnutls_certificate_credentials_t handle = nullptr;
  gnutls_check(gnutls_certificate_allocate_credentials(&handle), "Cannot set TLS up");
  return GnutlsCredentials(handle);
}

}  // namespace

// ---- Credentials

QuicCredentials::QuicCredentials(const Certificate& certificate)
    : credentials_(make_credentials()) {
  const gnutls_datum_t chain = gnutls_view(certificate.certificate_pem());
  const gnutls_datum_t key = gnutls_view(certificate.key_pem());
  gnutls_check(gnutls_certificate_set_x509_key_mem2(credentials_.get(), &chain, &key,
                                                    GNUTLS_X509_FMT_PEM, nullptr, 0),
               "Cannot use the certificate");
}

QuicCredentials::QuicCredentials(std::vector<CertificateHash> hashes,
                                 const std::filesystem::path& ca_file)
    : credentials_(make_credentials()), hashes_(std::move(hashes)) {
  gnutls_certificate_set_verify_function(credentials_.get(), &QuicTls::verify);
  if (!hashes_.empty()) return;
  if (ca_file.empty()) {
    gnutls_check(gnutls_certificate_set_x509_system_trust(credentials_.get()),
                 "Cannot read the system's certificate authorities");
  } else {
    const int count = gnutls_check(gnutls_certificate_set_x509_trust_file(
                                       credentials_.get(), ca_file.c_str(), GNUTLS_X509_FMT_PEM),
                                   "Cannot read " + ca_file.string());
    if (count == 0) throw Error("Cannot read " + ca_file.string() + ": there is no certificate");
  }
}

// ---- TLS of a connection

QuicTls::QuicTls(std::shared_ptr<const QuicCredentials> credentials)
    : credentials_(std::move(credentials)) {
  set_up(GNUTLS_SERVER | GNUTLS_NO_AUTO_SEND_TICKET | GNUTLS_NO_END_OF_EARLY_DATA);
  if (ngtcp2_crypto_gnutls_configure_server_session(session_.get()) != 0)
    throw Error("Cannot set TLS up for QUIC");
}

QuicTls::QuicTls(std::shared_ptr<const QuicCredentials> credentials, std::string host)
    : credentials_(std::move(credentials)), host_(std::move(host)) {
  set_up(GNUTLS_CLIENT | GNUTLS_NO_END_OF_EARLY_DATA);
  if (ngtcp2_crypto_gnutls_configure_client_session(session_.get()) != 0)
    throw Error("Cannot set TLS up for QUIC");
  // Names only: an address is no server name (RFC 6066, 3).
  if (!is_ip_literal(host_))
    gnutls_check(
        gnutls_server_name_set(session_.get(), GNUTLS_NAME_DNS, host_.data(), host_.size()),
        "Cannot name the server " + host_);
}

void QuicTls::set_up(unsigned flags) {
  gnutls_session_t handle = nullptr;
  gnutls_check(gnutls_init(&handle, flags), "Cannot set TLS up");
  session_.reset(handle);
  gnutls_check(gnutls_priority_set(handle, priority()), "Cannot set TLS up");
  // The session's pointer is ngtcp2's, and must lead to this struct.
  reference_.user_data = this;
  reference_.get_conn = [](ngtcp2_crypto_conn_ref* reference) {
    return static_cast<QuicTls*>(reference->user_data)->connection_;
  };
  gnutls_session_set_ptr(handle, &reference_);
  gnutls_check(gnutls_credentials_set(handle, GNUTLS_CRD_CERTIFICATE, credentials_->get()),
               "Cannot set TLS up");
  static constexpr std::string_view kProtocol = "h3";
  const gnutls_datum_t protocol = gnutls_view(kProtocol);
  gnutls_check(gnutls_alpn_set_protocols(handle, &protocol, 1, GNUTLS_ALPN_MANDATORY),
               "Cannot set TLS up");
}

void QuicTls::attach(ngtcp2_conn* connection) noexcept {
  connection_ = connection;
  ngtcp2_conn_set_tls_native_handle(connection, session_.get());
}

// ---- What a client makes of the server's certificate

int QuicTls::verify(gnutls_session_t session) {
  auto* const reference = static_cast<ngtcp2_crypto_conn_ref*>(gnutls_session_get_ptr(session));
  try {
    if (static_cast<QuicTls*>(reference->user_data)->verify_peer()) return 0;
  } catch (const std::exception& error) {
    static_cast<QuicTls*>(reference->user_data)->refusal_ = error.what();
  }
  return GNUTLS_E_CERTIFICATE_ERROR;
}

bool QuicTls::verify_peer() {
  return credentials_->hashes().empty() ? verify_by_authority() : verify_pinned();
}

// As browsers do: the hash says who it is, so names are not compared, but a key that leaks must not
// be of use for long.
bool QuicTls::verify_pinned() {
  unsigned count = 0;
  const gnutls_datum_t* const list = gnutls_certificate_get_peers(session_.get(), &count);
  if (!list || count == 0) {
    refusal_ = "The server has shown no certificate.";
    return false;
  }
  const CertificateHash hash = hash_certificate(
      {reinterpret_cast<const char*>(list[0].data), static_cast<std::size_t>(list[0].size)});
  const auto& pinned = credentials_->hashes();
  if (std::find(pinned.begin(), pinned.end(), hash) == pinned.end()) {
    refusal_ =
        "The server's certificate is not the expected one: its hash is " + hash.to_hex() + ".";
    return false;
  }
  gnutls_x509_crt_t handle = nullptr;
  gnutls_check(gnutls_x509_crt_init(&handle), "The server's certificate cannot be read");
  const GnutlsCertificate certificate(handle);
  gnutls_check(gnutls_x509_crt_import(handle, &list[0], GNUTLS_X509_FMT_DER),
               "The server's certificate cannot be read");
  const CertificateFacts facts = read_certificate_facts(handle);
  const auto now = std::chrono::system_clock::now();
  if (now < facts.not_before || now > facts.not_after) {
    refusal_ = "The server's certificate is not valid now; make a new one.";
    return false;
  }
  if (!facts.can_be_pinned) {
    refusal_ =
        "The server's certificate cannot be accepted by its hash: it must be an ECDSA P-256 one, "
        "valid for fourteen days at most.";
    return false;
  }
  return true;
}

bool QuicTls::verify_by_authority() {
  unsigned status = 0;
  // Its name, or its address; and that it is a server's, not a mail user's of the same authority.
  std::string host = host_;
  std::string purpose = GNUTLS_KP_TLS_WWW_SERVER;
  std::array<gnutls_typed_vdata_st, 2> wanted{
      {{GNUTLS_DT_DNS_HOSTNAME, reinterpret_cast<unsigned char*>(host.data()), 0},
       {GNUTLS_DT_KEY_PURPOSE_OID, reinterpret_cast<unsigned char*>(purpose.data()), 0}}};
  const int result = gnutls_certificate_verify_peers(session_.get(), wanted.data(),
                                                     static_cast<unsigned>(wanted.size()), &status);
  if (result == 0 && status == 0) return true;
  refusal_ = "The server's certificate is not trusted for " + host_ + ": ";
  GnutlsBytes text;
  if (result < 0) {
    refusal_ += gnutls_strerror(result);
  } else if (gnutls_certificate_verification_status_print(status, GNUTLS_CRT_X509, text.out(), 0) ==
             0) {
    std::string_view words = text.text();
    while (!words.empty() && (words.back() == ' ' || words.back() == '\0')) words.remove_suffix(1);
    refusal_ += words;
  }
  return false;
}

}  // namespace capnweb
