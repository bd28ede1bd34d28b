#include "net/webtransport/h3_settings.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "net/webtransport/h3_frame_reader.hpp"
#include "net/webtransport/quic_varint.hpp"

namespace capnweb {
namespace {

constexpr std::uint64_t kQpackTableCapacity = 0x01;
constexpr std::uint64_t kQpackBlockedStreams = 0x07;
constexpr std::uint64_t kConnectProtocol = 0x08;
constexpr std::uint64_t kDatagram = 0x33;
constexpr std::uint64_t kDatagramDraft04 = 0xffd277;
constexpr std::uint64_t kWebTransportDraft02 = 0x2b603742;
constexpr std::uint64_t kWebTransportDraft07 = 0xc671706a;
constexpr std::uint64_t kWebTransportDraft13 = 0x14e9cd29;
constexpr std::uint64_t kWebTransportDraft15 = 0x2c7cf000;

// Of HTTP/2, and so a mistake (RFC 9114, 7.2.4.1).
constexpr std::array kForbidden = {0x00U, 0x02U, 0x03U, 0x04U, 0x05U};

void take_setting(H3Settings& settings, std::uint64_t id, std::uint64_t value) noexcept {
  switch (id) {
    case kConnectProtocol:
      settings.connect_protocol = value == 1;
      break;
    case kDatagram:
    case kDatagramDraft04:
      settings.datagrams = settings.datagrams || value == 1;
      break;
    case kWebTransportDraft02:
    case kWebTransportDraft07:
    case kWebTransportDraft13:
    case kWebTransportDraft15:
      settings.webtransport = settings.webtransport || value > 0;
      break;
    default:
      break;
  }
}

}  // namespace

std::variant<H3Settings, H3Error> parse_h3_settings(std::string_view payload) {
  H3Settings settings;
  std::vector<std::uint64_t> seen;
  while (!payload.empty()) {
    const auto id = take_varint(payload);
    const auto value = id ? take_varint(payload) : std::nullopt;
    if (!value) return H3Error{H3Code::kFrameError, "the SETTINGS frame ends within a setting"};
    if (std::find(kForbidden.begin(), kForbidden.end(), *id) != kForbidden.end())
      return H3Error{H3Code::kSettingsError, "a setting of HTTP/2"};
    if ((*id == kDatagram || *id == kConnectProtocol) && *value > 1)
      return H3Error{H3Code::kSettingsError, "a setting that is neither 0 nor 1"};
    seen.push_back(*id);
    take_setting(settings, *id, *value);
  }
  std::sort(seen.begin(), seen.end());
  if (std::adjacent_find(seen.begin(), seen.end()) != seen.end())
    return H3Error{H3Code::kSettingsError, "a setting twice"};
  return settings;
}

void append_h3_control_head(std::string& out) {
  // Chromium 156 wants draft-02's switch and datagrams; the others are for those who came later.
  // One session credit and no flow-control settings: sessions share their connection's.
  constexpr std::array<std::array<std::uint64_t, 2>, 7> kOurs = {{{kQpackTableCapacity, 0},
                                                                  {kQpackBlockedStreams, 0},
                                                                  {kConnectProtocol, 1},
                                                                  {kDatagram, 1},
                                                                  {kWebTransportDraft02, 1},
                                                                  {kWebTransportDraft13, 1},
                                                                  {kWebTransportDraft07, 1}}};
  std::string payload;
  for (const auto& [id, value] : kOurs) {
    append_varint(payload, id);
    append_varint(payload, value);
  }
  append_varint(out, kH3ControlStream);
  append_h3_frame_head(out, H3Frame::kSettings, payload.size());
  out += payload;
}

}  // namespace capnweb
