// fake_quic.hpp: streams without packets, for tests of what stands on them.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "net/webtransport/quic_streams.hpp"

namespace capnweb::testing {

// One side of a connection, with a clock that stands. It records what is done; carry() takes it to
// the other side.
class FakeQuic final : public QuicStreams {
 public:
  struct Out {
    std::string bytes = {};  // not carried yet
    bool is_finished = false;
    bool is_carried = false;  // with its end
    std::optional<std::uint64_t> reset = {};
    bool reset_is_carried = false;
  };

  explicit FakeQuic(H3Role side) : role(side) {}

  std::optional<StreamId> open_bidirectional() override { return open(0); }
  std::optional<StreamId> open_unidirectional() override { return open(2); }
  void send(StreamId id, std::string bytes) override {
    Out& out = outs[id];
    if (!out.reset && !out.is_finished) out.bytes += bytes;
  }
  void finish(StreamId id) override { outs[id].is_finished = true; }
  void reset(StreamId id, std::uint64_t code) override {
    Out& out = outs[id];
    if (out.is_carried || out.reset) return;
    out.reset = code;
    out.bytes.clear();
  }
  void stop(StreamId id, std::uint64_t code) override { stopped.try_emplace(id, code); }
  std::size_t unsent(StreamId id) const noexcept override {
    const auto found = outs.find(id);
    return found == outs.end() ? 0 : found->second.bytes.size();
  }
  void credit(StreamId id, std::size_t bytes) override { credited[id] += bytes; }
  void close(H3Code code, std::string reason) override {
    if (closed) return;
    closed = code;
    close_reason = std::move(reason);
  }
  Time now() const noexcept override { return time; }

  // What has been sent on a stream and not been taken.
  std::string take(StreamId id) { return std::exchange(outs[id].bytes, {}); }

  H3Role role;
  Time time{std::chrono::seconds(1000)};
  std::size_t max_streams = 100;
  std::map<StreamId, Out> outs;
  std::map<StreamId, std::uint64_t> stopped;
  std::map<StreamId, std::size_t> credited;
  std::optional<H3Code> closed;
  std::string close_reason;

 private:
  std::optional<StreamId> open(StreamId kind) {
    StreamId& next = kind == 0 ? next_bidirectional_ : next_unidirectional_;
    if (static_cast<std::size_t>(next) == max_streams) return std::nullopt;
    const StreamId id = 4 * next++ + kind + (role == H3Role::kServer ? 1 : 0);
    outs[id];
    return id;
  }
  StreamId next_bidirectional_ = 0;
  StreamId next_unidirectional_ = 0;
};

// Carries all that one side has sent to the other, in pieces of `piece` bytes, and acknowledges it.
inline void carry(FakeQuic& from, QuicHandler& from_handler, QuicHandler& to,
                  std::size_t piece = 1200) {
  for (auto& [id, out] : from.outs) {
    const std::string bytes = std::exchange(out.bytes, {});
    for (std::size_t at = 0; at < bytes.size(); at += piece)
      to.on_stream_data(id, std::string_view(bytes).substr(at, piece), false);
    if (out.reset && !std::exchange(out.reset_is_carried, true)) to.on_stream_reset(id, *out.reset);
    if (out.is_finished && !out.reset && !std::exchange(out.is_carried, true)) {
      to.on_stream_data(id, "", true);
      from_handler.on_stream_sent(id);
    }
  }
}

}  // namespace capnweb::testing
