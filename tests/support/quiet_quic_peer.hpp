// quiet_quic_peer.hpp: the user of a QUIC connection that does nothing, for those that do little.
#pragma once

#include <cstdint>
#include <string_view>

#include "net/webtransport/quic_link.hpp"

namespace capnweb::testing {

class QuietQuicPeer : public QuicPeer {
 public:
  explicit QuietQuicPeer(QuicStreams& streams) noexcept : streams_(streams) {}

  void on_ready() override {}
  // What comes is taken.
  void on_stream_data(StreamId id, std::string_view bytes, bool) override {
    streams_.credit(id, bytes.size());
  }
  void on_stream_reset(StreamId, std::uint64_t) override {}
  void on_stream_stopped(StreamId, std::uint64_t) override {}
  void on_stream_sent(StreamId) override {}
  void on_stream_closed(StreamId) override {}
  void on_datagram(std::string_view) override {}
  void on_lost(std::string_view) override {}
  void on_flush() override {}
  void on_flushed() override {}
  Time deadline() const noexcept override { return Time::max(); }
  void on_deadline() override {}

 protected:
  QuicStreams& streams_;
};

}  // namespace capnweb::testing
