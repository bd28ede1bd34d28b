// certificate_data.hpp: what is read out of a certificate.
#pragma once

#include <gnutls/x509.h>

#include <capnweb/certificate.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace capnweb {

struct CertificateFacts {
  CertificateHash hash;
  std::vector<std::string> names;
  Certificate::Time not_before;
  Certificate::Time not_after;
  bool can_be_pinned;
};

CertificateFacts read_certificate_facts(gnutls_x509_crt_t certificate);

// Of a certificate in its DER form, as it crosses the wire.
CertificateHash hash_certificate(std::string_view der);

struct Certificate::Data {
  Data(std::string certificate_text, std::string key_text, CertificateFacts read)
      : certificates(std::move(certificate_text)),
        key(std::move(key_text)),
        facts(std::move(read)) {}
  Data(const Data&) = delete;
  Data& operator=(const Data&) = delete;
  // Leaves no copy of the key in freed memory.
  ~Data();

  std::string certificates;
  std::string key;
  CertificateFacts facts;
};

}  // namespace capnweb
