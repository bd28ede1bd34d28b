// quic_packet.hpp: packets that belong to no connection yet, or no more.
#pragma once

#include <array>
#include <boost/asio/ip/udp.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace capnweb {

// The bytes of a connection's id. Ours have kQuicIdSize; a client's first ones are its choice.
using QuicId = std::string;
inline constexpr std::size_t kQuicIdSize = 18;
using QuicResetToken = std::array<std::uint8_t, 16>;
using QuicSecret = std::array<std::uint8_t, 32>;

// Random bytes. Throws Error if the system has none.
QuicSecret make_quic_secret();
QuicId make_quic_id();

// What can be read of a packet without keys.
struct QuicPacketHead {
  enum class Kind : std::uint8_t {
    kUnreadable,
    kUnknownVersion,  // to be answered by a version negotiation
    kLong,
    kShort,
  };
  Kind kind = Kind::kUnreadable;
  QuicId destination = {};
  QuicId source = {};  // of long ones
};
QuicPacketHead read_quic_head(std::span<const std::uint8_t> packet);

// A client's first packet.
struct QuicInitial {
  std::uint32_t version = 0;
  QuicId destination;  // the client's choice, until it knows ours
  QuicId source;
  std::string token;
  // Of its very first packet, if it comes back with the token of a Retry.
  std::optional<QuicId> original_destination = std::nullopt;
};
std::optional<QuicInitial> read_quic_initial(std::span<const std::uint8_t> packet);

// What a server does without keeping anything: everything it needs to know later is in what it
// sends, signed with its secret. Each gives the packet to be sent, empty if there is none.
class QuicStateless {
 public:
  explicit QuicStateless(const QuicSecret& secret) noexcept : secret_(secret) {}

  using Endpoint = boost::asio::ip::udp::endpoint;

  std::string version_negotiation(const QuicPacketHead& head) const;
  // Asks a client to come again with a token, which proves its address.
  std::string retry(const QuicInitial& initial, const Endpoint& client) const;
  // Sets initial.original_destination. False: the token is none of ours for this client, or is old.
  bool check_token(QuicInitial& initial, const Endpoint& client) const;
  // Tells a client that there is no place for it.
  std::string refuse(const QuicInitial& initial) const;
  // Tells whoever sent a packet of `size` bytes that the connection is no more.
  std::string reset(const QuicId& id, std::size_t size) const;
  QuicResetToken reset_token(const QuicId& id) const;

 private:
  QuicSecret secret_;
};

}  // namespace capnweb
