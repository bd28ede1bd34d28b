// gnutls_handles.hpp: owners of GnuTLS objects, and its errors as ours.
#pragma once

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

#include <capnweb/error.hpp>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>

namespace capnweb {

template <class Handle, void (*kDestroy)(Handle)>
struct GnutlsDeleter {
  using pointer = Handle;
  void operator()(Handle handle) const noexcept { kDestroy(handle); }
};
template <class Handle, void (*kDestroy)(Handle)>
using GnutlsOwner = std::unique_ptr<std::remove_pointer_t<Handle>, GnutlsDeleter<Handle, kDestroy>>;

using GnutlsCertificate = GnutlsOwner<gnutls_x509_crt_t, gnutls_x509_crt_deinit>;
using GnutlsKey = GnutlsOwner<gnutls_x509_privkey_t, gnutls_x509_privkey_deinit>;
using GnutlsCredentials =
    GnutlsOwner<gnutls_certificate_credentials_t, gnutls_certificate_free_credentials>;
using GnutlsSession = GnutlsOwner<gnutls_session_t, gnutls_deinit>;

// Bytes that GnuTLS has allocated.
class GnutlsBytes {
 public:
  GnutlsBytes() = default;
  GnutlsBytes(const GnutlsBytes&) = delete;
  GnutlsBytes& operator=(const GnutlsBytes&) = delete;
  ~GnutlsBytes() {
    if (!datum_.data) return;
    gnutls_memset(datum_.data, 0, datum_.size);  // it may be a key
    gnutls_free(datum_.data);
  }

  gnutls_datum_t* out() noexcept { return &datum_; }
  const gnutls_datum_t& datum() const noexcept { return datum_; }
  std::size_t size() const noexcept { return datum_.size; }
  std::string_view text() const noexcept {
    return {reinterpret_cast<const char*>(datum_.data), datum_.size};
  }

 private:
  gnutls_datum_t datum_{nullptr, 0};
};

// For reading only, whatever the type says. REQUIRES: less than 4 GiB.
inline gnutls_datum_t gnutls_view(std::string_view text) noexcept {
  return {reinterpret_cast<unsigned char*>(const_cast<char*>(text.data())),
          static_cast<unsigned>(text.size())};
}

// Throws Error("<what>: <GnuTLS's text>") for a negative result, returns any other.
inline int gnutls_check(int result, std::string_view what) {
  if (result < 0) throw Error(std::string(what) + ": " + gnutls_strerror(result));
  return result;
}

}  // namespace capnweb
