// quic_ngtcp2.hpp: what is told to ngtcp2 at the beginning, and what it says at the end.
//
// What ngtcp2's version 1 has changed since 0.12 (names, settings, arguments) is used here only.
#pragma once

#include <ngtcp2/ngtcp2.h>

#include <capnweb/webtransport.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "net/webtransport/quic_packet.hpp"
#include "net/webtransport/quic_streams.hpp"

namespace capnweb {

inline ngtcp2_tstamp to_quic_time(QuicStreams::Time time) noexcept {
  return static_cast<ngtcp2_tstamp>(
      std::chrono::duration_cast<std::chrono::nanoseconds>(time.time_since_epoch()).count());
}

// UINT64_MAX is never.
inline QuicStreams::Time from_quic_time(ngtcp2_tstamp time) noexcept {
  constexpr auto kNever = QuicStreams::Time::max();
  if (time >= static_cast<ngtcp2_tstamp>(kNever.time_since_epoch().count())) return kNever;
  return QuicStreams::Time(std::chrono::nanoseconds(static_cast<std::int64_t>(time)));
}

// Settings and transport parameters of a connection.
class QuicSetup {
 public:
  QuicSetup(const WebTransportOptions& options, QuicStreams::Time now,
            std::chrono::milliseconds handshake_within);

  // For a server's.
  void accept(const QuicInitial& initial, const QuicResetToken& token);
  // Both throw Error.
  ngtcp2_conn* make_server(const QuicInitial& initial, const QuicId& own, const ngtcp2_path& path,
                           const ngtcp2_callbacks& callbacks, void* user_data);
  ngtcp2_conn* make_client(const QuicId& destination, const QuicId& own, const ngtcp2_path& path,
                           const ngtcp2_callbacks& callbacks, void* user_data);
  // What can be set afterwards only.
  static void apply(ngtcp2_conn* connection, const WebTransportOptions& options) noexcept;

 private:
  ngtcp2_settings settings_;
  ngtcp2_transport_params params_;
};

ngtcp2_cid to_cid(const QuicId& id) noexcept;

// What a connection is closed with.
using QuicCloseError = ngtcp2_connection_close_error;
// `reason` must live as long as the error.
QuicCloseError make_application_close(std::uint64_t code, std::string_view reason) noexcept;
QuicCloseError make_tls_close(std::uint8_t alert) noexcept;
QuicCloseError make_library_close(int error) noexcept;
// What the peer has closed it with.
QuicCloseError get_quic_close(ngtcp2_conn* connection) noexcept;

// For how long the peer may be silent: both sides say something, and the shorter time holds.
std::chrono::milliseconds agreed_idle_timeout(ngtcp2_conn* connection,
                                              std::chrono::milliseconds own) noexcept;

// One side of a stream.
void shut_quic_output(ngtcp2_conn* connection, StreamId id, std::uint64_t code) noexcept;
void shut_quic_input(ngtcp2_conn* connection, StreamId id, std::uint64_t code) noexcept;

// Those that ngtcp2's crypto library has.
void set_quic_crypto_callbacks(ngtcp2_callbacks& callbacks, bool is_server) noexcept;

// Ends the process if the system has no random bytes.
void draw_quic_random(std::uint8_t* bytes, std::size_t size) noexcept;

// What fits into a packet.
std::string clip_quic_reason(std::string reason);

// Sentences.
std::string print_quic_close(const QuicCloseError& error);
std::string print_tls_alert(std::uint8_t alert);
std::string print_seconds(std::chrono::milliseconds time);

}  // namespace capnweb
