# ngtcp2 with GnuTLS, and nghttp3 for its QPACK, for capnweb::webtransport. Sets CAPNWEB_HAS_QUIC.
set(CAPNWEB_HAS_QUIC FALSE)
if(NOT CAPNWEB_BUILD_WEBTRANSPORT)
  return()
endif()

find_package(PkgConfig)
if(PkgConfig_FOUND)
  pkg_check_modules(CAPNWEB_QUIC IMPORTED_TARGET GLOBAL
    libngtcp2>=0.12 libngtcp2_crypto_gnutls libnghttp3>=0.8 gnutls>=3.7.2)
endif()
if(CAPNWEB_QUIC_FOUND)
  set(CAPNWEB_HAS_QUIC TRUE)
elseif(CAPNWEB_BUILD_WEBTRANSPORT STREQUAL "AUTO")
  message(STATUS "No capnweb::webtransport: ngtcp2, its GnuTLS part, nghttp3 or GnuTLS is missing")
else()
  message(FATAL_ERROR "CAPNWEB_BUILD_WEBTRANSPORT needs ngtcp2, its GnuTLS part, nghttp3 and GnuTLS "
    "(Debian: libngtcp2-dev libngtcp2-crypto-gnutls-dev libnghttp3-dev libgnutls28-dev)")
endif()
