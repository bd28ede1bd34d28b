// h3_names.hpp: the numbers of HTTP/3 (RFC 9114) and of WebTransport over it.
#pragma once

#include <cstdint>
#include <string_view>

namespace capnweb {

// Frames. Others are skipped (RFC 9114, 9): peers send some on purpose.
enum class H3Frame : std::uint64_t {
  kData = 0x00,
  kHeaders = 0x01,
  kCancelPush = 0x03,
  kSettings = 0x04,
  kPushPromise = 0x05,
  kGoaway = 0x07,
  kMaxPushId = 0x0d,
};

// What the first number of a stream says it is.
inline constexpr std::uint64_t kH3ControlStream = 0x00;
inline constexpr std::uint64_t kH3PushStream = 0x01;
inline constexpr std::uint64_t kQpackEncoderStream = 0x02;
inline constexpr std::uint64_t kQpackDecoderStream = 0x03;
inline constexpr std::uint64_t kWtUniStream = 0x54;
inline constexpr std::uint64_t kWtBidiStream = 0x41;  // where a request has its first frame type

// Why a connection or a stream ends.
enum class H3Code : std::uint64_t {
  kDatagramError = 0x33,
  kNoError = 0x100,
  kGeneralProtocolError = 0x101,
  kInternalError = 0x102,
  kStreamCreationError = 0x103,
  kClosedCriticalStream = 0x104,
  kFrameUnexpected = 0x105,
  kFrameError = 0x106,
  kExcessiveLoad = 0x107,
  kIdError = 0x108,
  kSettingsError = 0x109,
  kMissingSettings = 0x10a,
  kRequestRejected = 0x10b,
  kRequestCancelled = 0x10c,
  kMessageError = 0x10e,
  kQpackDecompressionFailed = 0x200,
  kWtSessionGone = 0x170d7b68,
  kWtBufferedStreamRejected = 0x3994bd84,
};

// What cannot go on, and what the peer is told.
struct H3Error {
  H3Code code = H3Code::kGeneralProtocolError;
  std::string_view reason = {};
};

// Capsules on the stream of a session.
inline constexpr std::uint64_t kWtCloseCapsule = 0x2843;
inline constexpr std::uint64_t kWtDrainCapsule = 0x78ae;

// Which side of the connection this is.
enum class H3Role : std::uint8_t { kServer, kClient };

}  // namespace capnweb
