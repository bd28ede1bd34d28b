// webtransport.cpp: the streams of an HTTP/3 connection. The first byte of the input says which end
// we are ('S' or 'C'), the second how bytes are cut into pieces. Then come events: what happens and
// to which stream (a byte), for bytes their number (a byte) and they themselves. What arrives is
// credited once at most, the result must not depend on the cuts, and nothing is left over.
#include <array>
#include <map>
#include <string>

#include "support/bytes.hpp"
#include "support/pieces.hpp"
#include "support/target.hpp"
#include "unit/webtransport/wt_end.hpp"

namespace capnweb::fuzz {
namespace {

using testing::End;

constexpr std::size_t kMaxLine = 1000;

// What one side has said and done in the end.
std::string account_of(const End& end) {
  std::string text = std::to_string(end.requests.size()) + " requests, " + end.refused + '\n';
  for (const auto& [id, out] : end.quic.outs)
    text += std::to_string(id) + (out.is_finished ? " end " : " ") +
            (out.reset ? std::to_string(*out.reset) : "") + ' ' + out.bytes + '\n';
  for (const auto& [id, code] : end.quic.stopped)
    text += std::to_string(id) + " stopped " + std::to_string(code) + '\n';
  if (end.quic.closed)
    text += "closed " + std::to_string(static_cast<std::uint64_t>(*end.quic.closed));
  return text;
}

// Does to one end what a peer can do: streams end once, and only those that are there.
class Peer {
 public:
  Peer(H3Role role, Pieces pieces) : end_(role, {}, kMaxLine), pieces_(pieces) {
    end_.connection.on_ready();
    if (role == H3Role::kClient)
      end_.connection.connect(
          make_wt_request("localhost", "/rpc/wt", {}),
          detail::make_ref<detail::SessionCore>(testing::calculator(), SessionOptions{}));
    settle();
  }

  void play(std::string_view bytes) {
    ByteReader reader(bytes);
    while (!reader.empty() && !end_.quic.closed) {
      const std::uint8_t what = reader.byte();
      const StreamId id = kStreams[what % kStreams.size()];
      switch (what / kStreams.size() % 8) {
        case 0:
          reset(id);
          break;
        case 1:
          if (exists(id)) end_.connection.on_stream_stopped(id, 7);
          break;
        case 2:
          acknowledge(id);
          break;
        case 3:
          datagram(reader);
          break;
        case 4:
          end_.pass(std::chrono::seconds(1 + reader.byte()));
          break;
        case 5:
          data(id, reader, true);
          break;
        default:
          data(id, reader, false);
      }
      settle();
    }
  }

  std::string finish() {
    for (const auto& [id, bytes] : end_.quic.credited)
      require(bytes <= received_[id], "credited more than has come");
    std::string account = account_of(end_);
    if (!end_.quic.closed) end_.connection.on_lost("gone");
    for (const auto& session : end_.sessions)
      require(session->end_reason() != nullptr || end_.quic.closed.has_value(),
              "a session outlives its connection");
    return account;
  }

 private:
  // Of the client and of the server, of both kinds.
  static constexpr std::array<StreamId, 12> kStreams = {0, 4, 8, 12, 2, 6, 10, 14, 3, 7, 11, 1};

  bool is_ours(StreamId id) const {
    return is_client_stream(id) == (end_.quic.role == H3Role::kClient);
  }
  bool exists(StreamId id) const {
    return is_ours(id) ? end_.quic.outs.contains(id) : received_.contains(id);
  }
  bool can_receive(StreamId id) const {
    if (is_ours(id) && (!is_bidirectional_stream(id) || !end_.quic.outs.contains(id))) return false;
    return !over_.contains(id) && !end_.quic.stopped.contains(id);
  }

  static std::string_view take(ByteReader& reader, std::size_t size) {
    const std::string_view taken = reader.rest().substr(0, size);
    for (std::size_t i = 0; i < taken.size(); ++i) reader.byte();
    return taken;
  }

  void data(StreamId id, ByteReader& reader, bool is_end) {
    const std::size_t size = reader.byte();
    std::string_view bytes = take(reader, size);
    if (!can_receive(id)) return;
    if (is_end) over_[id] = true;
    while (bytes.size() > 0) {
      const std::string_view piece = bytes.substr(0, pieces_.next(bytes.size()));
      bytes.remove_prefix(piece.size());
      if (!can_go_on(id)) return;
      received_[id] += piece.size();
      end_.connection.on_stream_data(id, piece, is_end && bytes.empty());
    }
    if (is_end && size == 0 && can_go_on(id)) {
      received_[id] += 0;
      end_.connection.on_stream_data(id, "", true);
    }
  }
  bool can_go_on(StreamId id) const { return !end_.quic.closed && !end_.quic.stopped.contains(id); }

  void reset(StreamId id) {
    if (!can_receive(id)) return;
    over_[id] = true;
    received_[id] += 0;
    end_.connection.on_stream_reset(id, 7);
  }

  // All that was sent has arrived; when both sides are over the stream is gone.
  void acknowledge(StreamId id) {
    const auto out = end_.quic.outs.find(id);
    if (out == end_.quic.outs.end() || out->second.is_carried) return;
    if (!out->second.is_finished && !out->second.reset) return;
    out->second.is_carried = true;
    if (!out->second.reset) end_.connection.on_stream_sent(id);
    if (over_.contains(id) || end_.quic.stopped.contains(id)) {
      over_[id] = true;
      end_.connection.on_stream_closed(id);
    }
  }

  void datagram(ByteReader& reader) {
    const std::size_t size = reader.byte();
    end_.connection.on_datagram(take(reader, size));
  }

  void settle() {
    end_.flush();
    while (std::exchange(end_.has_held_input, false)) {
      end_.connection.handle_held_input();
      end_.flush();
    }
  }

  End end_;
  Pieces pieces_;
  std::map<StreamId, std::size_t> received_;
  std::map<StreamId, bool> over_;
};

std::string talk(H3Role role, std::string_view bytes, Pieces pieces) {
  Peer peer(role, pieces);
  peer.play(bytes);
  return peer.finish();
}

}  // namespace
}  // namespace capnweb::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace capnweb;
  if (size < 2) return 0;
  const H3Role role = data[0] == 'C' ? H3Role::kClient : H3Role::kServer;
  const std::string_view bytes = fuzz::as_text(data + 2, size - 2);
  const std::string whole = fuzz::talk(role, bytes, fuzz::Pieces(0));
  const std::string cut = fuzz::talk(role, bytes, fuzz::Pieces(data[1]));
  fuzz::require(whole == cut, "the cuts change what is answered", whole + "\n---\n" + cut);
  return 0;
}
