#include "net/webtransport/quic_ngtcp2.hpp"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <ngtcp2/ngtcp2_crypto.h>

#include <algorithm>
#include <capnweb/error.hpp>
#include <cstdlib>

#include "value/utf.hpp"

namespace capnweb {
namespace {

// What a peer may send before it is read, on one stream and altogether: at first, and as far as
// ngtcp2 lets it grow for a peer that is fast and far away.
constexpr std::uint64_t kStreamWindow = 256 * 1024;
constexpr std::uint64_t kConnectionWindow = 1024 * 1024;
constexpr std::uint64_t kMaxStreamWindow = 6 * 1024 * 1024;
constexpr std::uint64_t kMaxConnectionWindow = 8 * 1024 * 1024;
constexpr std::uint64_t kUniStreamWindow = 16 * 1024;
constexpr std::uint64_t kMaxBidiStreams = 100;
// ngtcp2 0.12 never closes a peer's unidirectional stream, so these are all that a connection gets;
// HTTP/3 needs three.
constexpr std::uint64_t kMaxUniStreams = 100;
constexpr std::size_t kMaxReason = 256;

ngtcp2_duration to_duration(std::chrono::milliseconds time) noexcept {
  return static_cast<ngtcp2_duration>(std::max<std::int64_t>(time.count(), 0)) *
         NGTCP2_MILLISECONDS;
}

ngtcp2_cc_algo to_algorithm(CongestionControl control) noexcept {
  switch (control) {
    case CongestionControl::kReno:
      return NGTCP2_CC_ALGO_RENO;
    case CongestionControl::kBbr:
      return NGTCP2_CC_ALGO_BBR;
    case CongestionControl::kBbr2:
      return NGTCP2_CC_ALGO_BBR2;
    case CongestionControl::kCubic:
      break;
  }
  return NGTCP2_CC_ALGO_CUBIC;
}

void check(int result) {
  if (result != 0)
    throw Error("Cannot make a QUIC connection: " + std::string(ngtcp2_strerror(result)));
}

}  // namespace

ngtcp2_cid to_cid(const QuicId& id) noexcept {
  ngtcp2_cid cid;
  ngtcp2_cid_init(&cid, reinterpret_cast<const std::uint8_t*>(id.data()),
                  std::min<std::size_t>(id.size(), NGTCP2_MAX_CIDLEN));
  return cid;
}

QuicSetup::QuicSetup(const WebTransportOptions& options, QuicStreams::Time now,
                     std::chrono::milliseconds handshake_within) {
  ngtcp2_settings_default(&settings_);
  settings_.initial_ts = to_quic_time(now);
  settings_.handshake_timeout = to_duration(handshake_within);
  settings_.cc_algo = to_algorithm(options.congestion_control);
  settings_.max_tx_udp_payload_size = NGTCP2_MAX_PMTUD_UDP_PAYLOAD_SIZE;
  // What has come in a turn is acknowledged at its end: mostly in the packet of an answer, where a
  // later one would cost a timer and a packet of its own.
  settings_.ack_thresh = 1;
  settings_.max_stream_window = kMaxStreamWindow;
  settings_.max_window = kMaxConnectionWindow;
  ngtcp2_transport_params_default(&params_);
  params_.initial_max_stream_data_bidi_local = kStreamWindow;
  params_.initial_max_stream_data_bidi_remote = kStreamWindow;
  params_.initial_max_stream_data_uni = kUniStreamWindow;
  params_.initial_max_data = kConnectionWindow;
  params_.initial_max_streams_bidi = kMaxBidiStreams;
  params_.initial_max_streams_uni = kMaxUniStreams;
  params_.max_idle_timeout = to_duration(options.idle_timeout);
  params_.max_datagram_frame_size =
      65535;  // browsers want datagrams, though we have no use for them
  params_.active_connection_id_limit = 7;
}

void QuicSetup::accept(const QuicInitial& initial, const QuicResetToken& token) {
  params_.original_dcid = to_cid(initial.original_destination.value_or(initial.destination));
  if (initial.original_destination) {
    params_.retry_scid = to_cid(initial.destination);
    params_.retry_scid_present = 1;
  }
  params_.stateless_reset_token_present = 1;
  std::copy(token.begin(), token.end(), params_.stateless_reset_token);
}

ngtcp2_conn* QuicSetup::make_server(const QuicInitial& initial, const QuicId& own,
                                    const ngtcp2_path& path, const ngtcp2_callbacks& callbacks,
                                    void* user_data) {
  settings_.token = {reinterpret_cast<std::uint8_t*>(const_cast<char*>(initial.token.data())),
                     initial.token.size()};
  const ngtcp2_cid destination = to_cid(initial.source);
  const ngtcp2_cid source = to_cid(own);
  ngtcp2_conn* connection = nullptr;
  check(ngtcp2_conn_server_new(&connection, &destination, &source, &path, initial.version,
                               &callbacks, &settings_, &params_, nullptr, user_data));
  return connection;
}

ngtcp2_conn* QuicSetup::make_client(const QuicId& destination, const QuicId& own,
                                    const ngtcp2_path& path, const ngtcp2_callbacks& callbacks,
                                    void* user_data) {
  const ngtcp2_cid to = to_cid(destination);
  const ngtcp2_cid source = to_cid(own);
  ngtcp2_conn* connection = nullptr;
  check(ngtcp2_conn_client_new(&connection, &to, &source, &path, NGTCP2_PROTO_VER_V1, &callbacks,
                               &settings_, &params_, nullptr, user_data));
  return connection;
}

void QuicSetup::apply(ngtcp2_conn* connection, const WebTransportOptions& options) noexcept {
  ngtcp2_conn_set_keep_alive_timeout(connection, to_duration(options.keep_alive_after));
}

QuicCloseError make_application_close(std::uint64_t code, std::string_view reason) noexcept {
  QuicCloseError error;
  ngtcp2_connection_close_error_set_application_error(
      &error, code, reinterpret_cast<const std::uint8_t*>(reason.data()), reason.size());
  return error;
}

QuicCloseError make_tls_close(std::uint8_t alert) noexcept {
  QuicCloseError error;
  ngtcp2_connection_close_error_set_transport_error_tls_alert(&error, alert, nullptr, 0);
  return error;
}

QuicCloseError make_library_close(int code) noexcept {
  QuicCloseError error;
  ngtcp2_connection_close_error_set_transport_error_liberr(&error, code, nullptr, 0);
  return error;
}

QuicCloseError get_quic_close(ngtcp2_conn* connection) noexcept {
  QuicCloseError error;
  ngtcp2_conn_get_connection_close_error(connection, &error);
  return error;
}

std::chrono::milliseconds agreed_idle_timeout(ngtcp2_conn* connection,
                                              std::chrono::milliseconds own) noexcept {
  const ngtcp2_transport_params* const params = ngtcp2_conn_get_remote_transport_params(connection);
  if (!params || params->max_idle_timeout == 0) return own;
  const std::chrono::milliseconds peers(params->max_idle_timeout / NGTCP2_MILLISECONDS);
  return own.count() == 0 ? peers : std::min(own, peers);
}

void shut_quic_output(ngtcp2_conn* connection, StreamId id, std::uint64_t code) noexcept {
  ngtcp2_conn_shutdown_stream_write(connection, id, code);
}

void shut_quic_input(ngtcp2_conn* connection, StreamId id, std::uint64_t code) noexcept {
  ngtcp2_conn_shutdown_stream_read(connection, id, code);
}

void set_quic_crypto_callbacks(ngtcp2_callbacks& callbacks, bool is_server) noexcept {
  if (is_server) {
    callbacks.recv_client_initial = ngtcp2_crypto_recv_client_initial_cb;
  } else {
    callbacks.client_initial = ngtcp2_crypto_client_initial_cb;
    callbacks.recv_retry = ngtcp2_crypto_recv_retry_cb;
  }
  callbacks.recv_crypto_data = ngtcp2_crypto_recv_crypto_data_cb;
  callbacks.encrypt = ngtcp2_crypto_encrypt_cb;
  callbacks.decrypt = ngtcp2_crypto_decrypt_cb;
  callbacks.hp_mask = ngtcp2_crypto_hp_mask_cb;
  callbacks.update_key = ngtcp2_crypto_update_key_cb;
  callbacks.delete_crypto_aead_ctx = ngtcp2_crypto_delete_crypto_aead_ctx_cb;
  callbacks.delete_crypto_cipher_ctx = ngtcp2_crypto_delete_crypto_cipher_ctx_cb;
  callbacks.get_path_challenge_data = ngtcp2_crypto_get_path_challenge_data_cb;
  callbacks.version_negotiation = ngtcp2_crypto_version_negotiation_cb;
}

void draw_quic_random(std::uint8_t* bytes, std::size_t size) noexcept {
  // Ids that can be guessed would let others into connections.
  if (gnutls_rnd(GNUTLS_RND_RANDOM, bytes, size) != 0) std::abort();
}

std::string clip_quic_reason(std::string reason) {
  reason.resize(clip_bytes(reason, kMaxReason).size());
  return reason;
}

std::string print_quic_close(const QuicCloseError& error) {
  constexpr std::uint64_t kTlsAlerts = 0x100;
  const bool is_transport = error.type == NGTCP2_CONNECTION_CLOSE_ERROR_CODE_TYPE_TRANSPORT;
  std::string reason;
  if (error.reasonlen > 0)
    append_as_utf8(reason, {reinterpret_cast<const char*>(error.reason), error.reasonlen},
                   kMaxReason);
  if (is_transport && error.error_code >= kTlsAlerts && error.error_code < kTlsAlerts + 256)
    return "The peer ended the TLS handshake: " +
           print_tls_alert(static_cast<std::uint8_t>(error.error_code - kTlsAlerts)) + ".";
  std::string text = "The peer closed the connection";
  if (is_transport ? error.error_code != 0
                   : error.error_code != static_cast<std::uint64_t>(H3Code::kNoError))
    text += " with code " + std::to_string(error.error_code);
  if (!reason.empty()) text += ": " + reason;
  return text + ".";
}

std::string print_tls_alert(std::uint8_t alert) {
  const char* const name = gnutls_alert_get_name(static_cast<gnutls_alert_description_t>(alert));
  return name ? name : "alert " + std::to_string(alert);
}

std::string print_seconds(std::chrono::milliseconds time) {
  const auto count = time.count();
  return count % 1000 != 0 ? std::to_string(count) + " ms" : std::to_string(count / 1000) + " s";
}

}  // namespace capnweb
