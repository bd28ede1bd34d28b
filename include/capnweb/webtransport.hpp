// webtransport.hpp: Cap'n Web over WebTransport (HTTP/3).
//
// Part of capnweb::webtransport, which needs ngtcp2, nghttp3 and GnuTLS.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace capnweb {

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
  // Accepting side only: with more bytes waiting the session is given up.
  std::size_t max_unsent = 64 * 1024 * 1024;
  // CUBIC shares lossy networks fairly; BBR makes more of them.
  CongestionControl congestion_control = CongestionControl::kCubic;
};

}  // namespace capnweb
