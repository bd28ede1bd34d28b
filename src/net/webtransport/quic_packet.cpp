#include "net/webtransport/quic_packet.hpp"

#include <gnutls/crypto.h>
#include <ngtcp2/ngtcp2.h>
#include <ngtcp2/ngtcp2_crypto.h>

#include <algorithm>

#include "net/webtransport/gnutls_handles.hpp"
#include "net/webtransport/quic_ngtcp2.hpp"

namespace capnweb {
namespace {

// A Retry token is of use for this long.
constexpr ngtcp2_duration kTokenLifetime = 10 * NGTCP2_SECONDS;
constexpr char kRetryToken = static_cast<char>(NGTCP2_CRYPTO_TOKEN_MAGIC_RETRY);

// Tokens outlive a process, so their time is that of the world.
ngtcp2_tstamp wall_clock() {
  return static_cast<ngtcp2_tstamp>(std::chrono::duration_cast<std::chrono::nanoseconds>(
                                        std::chrono::system_clock::now().time_since_epoch())
                                        .count());
}

void draw(void* bytes, std::size_t size) {
  gnutls_check(gnutls_rnd(GNUTLS_RND_RANDOM, bytes, size), "Cannot draw random bytes");
}

QuicId to_id(const std::uint8_t* bytes, std::size_t size) {
  return {reinterpret_cast<const char*>(bytes), size};
}

const std::uint8_t* bytes_of(std::string_view text) noexcept {
  return reinterpret_cast<const std::uint8_t*>(text.data());
}

std::string to_packet(std::span<const std::uint8_t> buffer, ngtcp2_ssize size) {
  return size > 0 ? to_id(buffer.data(), static_cast<std::size_t>(size)) : std::string();
}

}  // namespace

QuicSecret make_quic_secret() {
  QuicSecret secret;
  draw(secret.data(), secret.size());
  return secret;
}

QuicId make_quic_id() {
  QuicId id(kQuicIdSize, '\0');
  draw(id.data(), id.size());
  return id;
}

QuicPacketHead read_quic_head(std::span<const std::uint8_t> packet) {
  ngtcp2_version_cid head;
  const int result =
      ngtcp2_pkt_decode_version_cid(&head, packet.data(), packet.size(), kQuicIdSize);
  QuicPacketHead read;
  if (result != 0 && result != NGTCP2_ERR_VERSION_NEGOTIATION) return read;
  read.destination = to_id(head.dcid, head.dcidlen);
  if (head.scid) read.source = to_id(head.scid, head.scidlen);
  read.kind = result != 0               ? QuicPacketHead::Kind::kUnknownVersion
              : (packet[0] & 0x80) != 0 ? QuicPacketHead::Kind::kLong
                                        : QuicPacketHead::Kind::kShort;
  return read;
}

std::optional<QuicInitial> read_quic_initial(std::span<const std::uint8_t> packet) {
  ngtcp2_pkt_hd head;
  const int result = ngtcp2_accept(&head, packet.data(), packet.size());
  if (result != 0 || head.type != NGTCP2_PKT_INITIAL) return std::nullopt;
  return QuicInitial{.version = head.version,
                     .destination = to_id(head.dcid.data, head.dcid.datalen),
                     .source = to_id(head.scid.data, head.scid.datalen),
                     .token = to_id(head.token.base, head.token.len)};
}

std::string QuicStateless::version_negotiation(const QuicPacketHead& head) const {
  std::array<std::uint8_t, 128> buffer;
  std::uint8_t unused = 0;
  draw(&unused, 1);
  constexpr std::uint32_t kVersion = NGTCP2_PROTO_VER_V1;
  return to_packet(
      buffer, ngtcp2_pkt_write_version_negotiation(
                  buffer.data(), buffer.size(), unused, bytes_of(head.source), head.source.size(),
                  bytes_of(head.destination), head.destination.size(), &kVersion, 1));
}

std::string QuicStateless::retry(const QuicInitial& initial, const Endpoint& client) const {
  const ngtcp2_cid source = to_cid(make_quic_id());
  const ngtcp2_cid original = to_cid(initial.destination);
  const ngtcp2_cid destination = to_cid(initial.source);
  std::array<std::uint8_t, NGTCP2_CRYPTO_MAX_RETRY_TOKENLEN> token;
  const ngtcp2_ssize token_size = ngtcp2_crypto_generate_retry_token(
      token.data(), secret_.data(), secret_.size(), initial.version, client.data(),
      static_cast<ngtcp2_socklen>(client.size()), &source, &original, wall_clock());
  if (token_size < 0) return {};
  std::array<std::uint8_t, 256> buffer;
  return to_packet(buffer, ngtcp2_crypto_write_retry(buffer.data(), buffer.size(), initial.version,
                                                     &destination, &source, &original, token.data(),
                                                     static_cast<std::size_t>(token_size)));
}

bool QuicStateless::check_token(QuicInitial& initial, const Endpoint& client) const {
  if (initial.token.empty() || initial.token[0] != kRetryToken) return false;
  const ngtcp2_cid destination = to_cid(initial.destination);
  ngtcp2_cid original;
  const int result = ngtcp2_crypto_verify_retry_token(
      &original, bytes_of(initial.token), initial.token.size(), secret_.data(), secret_.size(),
      initial.version, client.data(), static_cast<ngtcp2_socklen>(client.size()), &destination,
      kTokenLifetime, wall_clock());
  if (result != 0) return false;
  initial.original_destination = to_id(original.data, original.datalen);
  return true;
}

std::string QuicStateless::refuse(const QuicInitial& initial) const {
  const ngtcp2_cid destination = to_cid(initial.source);
  const ngtcp2_cid source = to_cid(initial.destination);
  std::array<std::uint8_t, 256> buffer;
  return to_packet(buffer, ngtcp2_crypto_write_connection_close(
                               buffer.data(), buffer.size(), initial.version, &destination, &source,
                               NGTCP2_CONNECTION_REFUSED, nullptr, 0));
}

// Shorter than what it answers, or two servers could answer each other for ever.
std::string QuicStateless::reset(const QuicId& id, std::size_t size) const {
  constexpr std::size_t kSmallest = NGTCP2_MIN_STATELESS_RESET_RANDLEN;
  constexpr std::size_t kUsual = 37 - NGTCP2_STATELESS_RESET_TOKENLEN;
  if (size <= kSmallest + NGTCP2_STATELESS_RESET_TOKENLEN) return {};
  const std::size_t random_size =
      std::clamp(size - NGTCP2_STATELESS_RESET_TOKENLEN - 1, kSmallest, kUsual);
  std::array<std::uint8_t, kUsual> random;
  draw(random.data(), random_size);
  const QuicResetToken token = reset_token(id);
  std::array<std::uint8_t, 64> buffer;
  return to_packet(buffer,
                   ngtcp2_pkt_write_stateless_reset(buffer.data(), buffer.size(), token.data(),
                                                    random.data(), random_size));
}

QuicResetToken QuicStateless::reset_token(const QuicId& id) const {
  QuicResetToken token{};
  const ngtcp2_cid cid = to_cid(id);
  if (ngtcp2_crypto_generate_stateless_reset_token(token.data(), secret_.data(), secret_.size(),
                                                   &cid) != 0)
    throw Error("Cannot make a reset token");
  return token;
}

}  // namespace capnweb
