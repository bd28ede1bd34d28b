#include <arpa/inet.h>
#include <gnutls/abstract.h>
#include <gnutls/crypto.h>

#include <algorithm>
#include <capnweb/certificate.hpp>
#include <optional>
#include <utility>

#include "net/webtransport/certificate_data.hpp"
#include "net/webtransport/gnutls_handles.hpp"

namespace capnweb {
namespace {

using std::chrono::system_clock;

// Clocks differ.
constexpr std::chrono::seconds kBackdated{60};
constexpr auto kLongestPinned = std::chrono::days(14);

GnutlsCertificate make_certificate() {
  gnutls_x509_crt_t handle = nullptr;
  gnutls_check(gnutls_x509_crt_init(&handle), "Cannot make a certificate");
  return GnutlsCertificate(handle);
}

GnutlsKey make_key() {
  gnutls_x509_privkey_t handle = nullptr;
  gnutls_check(gnutls_x509_privkey_init(&handle), "Cannot make a key");
  return GnutlsKey(handle);
}

// An address in network order, or nothing if it is none.
std::optional<std::string> parse_address(const std::string& text) {
  std::array<char, 16> bytes{};
  if (inet_pton(AF_INET, text.c_str(), bytes.data()) == 1) return std::string(bytes.data(), 4);
  if (inet_pton(AF_INET6, text.c_str(), bytes.data()) == 1) return std::string(bytes.data(), 16);
  return std::nullopt;
}

std::string print_address(std::string_view bytes) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const int family = bytes.size() == 4 ? AF_INET : AF_INET6;
  return inet_ntop(family, bytes.data(), text.data(), text.size()) ? text.data() : "";
}

bool is_dns_name(std::string_view name) {
  return !name.empty() && name.size() <= 253 &&
         std::all_of(name.begin(), name.end(), [](unsigned char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '-' || c == '.' || c == '_' || c == '*';
         });
}

void set_names(gnutls_x509_crt_t certificate, const std::vector<std::string>& names) {
  if (names.empty()) throw Error::type_error("SelfSigned::names: a certificate needs a name");
  for (const std::string& name : names) {
    const auto address = parse_address(name);
    if (!address && !is_dns_name(name))
      throw Error::type_error("SelfSigned::names: '" + name +
                              "' is neither a DNS name nor an IP address; write international "
                              "names in their xn-- form");
    const std::string& data = address ? *address : name;
    gnutls_check(gnutls_x509_crt_set_subject_alt_name(
                     certificate, address ? GNUTLS_SAN_IPADDRESS : GNUTLS_SAN_DNSNAME, data.data(),
                     static_cast<unsigned>(data.size()), GNUTLS_FSAN_APPEND),
                 "Cannot put '" + name + "' into a certificate");
  }
}

void set_serial(gnutls_x509_crt_t certificate) {
  std::array<unsigned char, 16> serial{};
  gnutls_check(gnutls_rnd(GNUTLS_RND_NONCE, serial.data(), serial.size()), "Cannot draw a serial");
  serial[0] = static_cast<unsigned char>((serial[0] & 0x7F) | 0x40);  // positive, and not short
  gnutls_check(gnutls_x509_crt_set_serial(certificate, serial.data(), serial.size()),
               "Cannot number a certificate");
}

void set_lifetime(gnutls_x509_crt_t certificate, std::chrono::seconds lifetime) {
  if (lifetime <= std::chrono::seconds(0))
    throw Error::type_error("SelfSigned::lifetime must be positive");
  const std::time_t begin = system_clock::to_time_t(system_clock::now() - kBackdated);
  gnutls_check(gnutls_x509_crt_set_activation_time(certificate, begin),
               "Cannot date a certificate");
  gnutls_check(gnutls_x509_crt_set_expiration_time(
                   certificate, begin + static_cast<std::time_t>(lifetime.count())),
               "Cannot date a certificate");
}

std::string export_certificate(gnutls_x509_crt_t certificate, gnutls_x509_crt_fmt_t format) {
  GnutlsBytes bytes;
  gnutls_check(gnutls_x509_crt_export2(certificate, format, bytes.out()),
               "Cannot write a certificate");
  return std::string(bytes.text());
}

std::vector<std::string> names_of(gnutls_x509_crt_t certificate) {
  std::vector<std::string> names;
  for (unsigned i = 0;; ++i) {
    std::array<char, 512> buffer;
    std::size_t size = buffer.size();
    const int type =
        gnutls_x509_crt_get_subject_alt_name(certificate, i, buffer.data(), &size, nullptr);
    if (type == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE) return names;
    const std::string_view name(buffer.data(), std::min(size, buffer.size()));
    if (type == GNUTLS_SAN_DNSNAME) names.emplace_back(name);
    if (type == GNUTLS_SAN_IPADDRESS) names.push_back(print_address(name));
  }
}

// The first certificate of a list is the server's own.
GnutlsCertificate first_certificate(std::string_view pem) {
  const gnutls_datum_t data = gnutls_view(pem);
  gnutls_x509_crt_t* list = nullptr;
  unsigned count = 0;
  gnutls_check(gnutls_x509_crt_list_import2(&list, &count, &data, GNUTLS_X509_FMT_PEM, 0),
               "The certificate cannot be read");
  GnutlsCertificate first(list[0]);
  for (unsigned i = 1; i < count; ++i) gnutls_x509_crt_deinit(list[i]);
  gnutls_free(static_cast<void*>(list));
  return first;
}

bool is_p256(gnutls_x509_crt_t certificate) {
  gnutls_ecc_curve_t curve = GNUTLS_ECC_CURVE_INVALID;
  GnutlsBytes x;
  GnutlsBytes y;
  return gnutls_x509_crt_get_pk_ecc_raw(certificate, &curve, x.out(), y.out()) == 0 &&
         curve == GNUTLS_ECC_CURVE_SECP256R1;
}

void check_key(gnutls_x509_crt_t certificate, std::string_view pem) {
  const GnutlsKey key = make_key();
  const gnutls_datum_t data = gnutls_view(pem);
  gnutls_check(gnutls_x509_privkey_import2(key.get(), &data, GNUTLS_X509_FMT_PEM, nullptr, 0),
               "The private key cannot be read");
  std::array<unsigned char, 64> of_key{};
  std::array<unsigned char, 64> of_certificate{};
  std::size_t key_size = of_key.size();
  std::size_t certificate_size = of_certificate.size();
  gnutls_check(
      gnutls_x509_privkey_get_key_id(key.get(), GNUTLS_KEYID_USE_SHA256, of_key.data(), &key_size),
      "The private key cannot be used");
  gnutls_check(gnutls_x509_crt_get_key_id(certificate, GNUTLS_KEYID_USE_SHA256,
                                          of_certificate.data(), &certificate_size),
               "The certificate cannot be used");
  if (of_key != of_certificate)
    throw Error("The private key is not the one that the certificate names");
}

}  // namespace

// ---- Facts of a certificate

CertificateFacts read_certificate_facts(gnutls_x509_crt_t certificate) {
  const Certificate::Time not_before =
      system_clock::from_time_t(gnutls_x509_crt_get_activation_time(certificate));
  const Certificate::Time not_after =
      system_clock::from_time_t(gnutls_x509_crt_get_expiration_time(certificate));
  return {.hash = hash_certificate(export_certificate(certificate, GNUTLS_X509_FMT_DER)),
          .names = names_of(certificate),
          .not_before = not_before,
          .not_after = not_after,
          .can_be_pinned = is_p256(certificate) && not_after - not_before <= kLongestPinned};
}

CertificateHash hash_certificate(std::string_view der) {
  CertificateHash::Bytes bytes{};
  gnutls_check(gnutls_hash_fast(GNUTLS_DIG_SHA256, der.data(), der.size(), bytes.data()),
               "Cannot hash a certificate");
  return CertificateHash(bytes);
}

// ---- Certificate

Certificate::Data::~Data() { gnutls_memset(key.data(), 0, key.size()); }

Certificate::Certificate(std::shared_ptr<const Data> data) noexcept : data_(std::move(data)) {}

Certificate Certificate::self_signed(const SelfSigned& options) {
  const GnutlsKey key = make_key();
  gnutls_check(gnutls_x509_privkey_generate(key.get(), GNUTLS_PK_ECDSA,
                                            GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0),
               "Cannot make a key");
  const GnutlsCertificate certificate = make_certificate();
  gnutls_check(gnutls_x509_crt_set_version(certificate.get(), 3), "Cannot make a certificate");
  gnutls_check(gnutls_x509_crt_set_key(certificate.get(), key.get()), "Cannot make a certificate");
  set_serial(certificate.get());
  set_lifetime(certificate.get(), options.lifetime);
  set_names(certificate.get(), options.names);
  gnutls_check(
      gnutls_x509_crt_sign2(certificate.get(), certificate.get(), key.get(), GNUTLS_DIG_SHA256, 0),
      "Cannot sign a certificate");
  GnutlsBytes key_pem;
  gnutls_check(gnutls_x509_privkey_export2_pkcs8(key.get(), GNUTLS_X509_FMT_PEM, nullptr,
                                                 GNUTLS_PKCS_PLAIN, key_pem.out()),
               "Cannot write a key");
  // Read back, as GnuTLS lists no names of a certificate that it is still making.
  return from_pem(export_certificate(certificate.get(), GNUTLS_X509_FMT_PEM), key_pem.text());
}

Certificate Certificate::from_pem(std::string_view certificates, std::string_view key) {
  const GnutlsCertificate own = first_certificate(certificates);
  check_key(own.get(), key);
  return Certificate(std::make_shared<const Data>(std::string(certificates), std::string(key),
                                                  read_certificate_facts(own.get())));
}

const std::string& Certificate::certificate_pem() const noexcept { return data_->certificates; }
const std::string& Certificate::key_pem() const noexcept { return data_->key; }
const CertificateHash& Certificate::hash() const noexcept { return data_->facts.hash; }
const std::vector<std::string>& Certificate::names() const noexcept { return data_->facts.names; }
Certificate::Time Certificate::not_before() const noexcept { return data_->facts.not_before; }
Certificate::Time Certificate::not_after() const noexcept { return data_->facts.not_after; }
bool Certificate::can_be_pinned() const noexcept { return data_->facts.can_be_pinned; }

bool Certificate::covers(std::string_view host) const {
  const GnutlsCertificate own = first_certificate(data_->certificates);
  const std::string name(host);
  if (const auto address = parse_address(name))
    return gnutls_x509_crt_check_ip(own.get(),
                                    reinterpret_cast<const unsigned char*>(address->data()),
                                    static_cast<unsigned>(address->size()), 0) != 0;
  return gnutls_x509_crt_check_hostname(own.get(), name.c_str()) != 0;
}

}  // namespace capnweb
