// quic_streams.hpp: a QUIC connection as HTTP/3 sees it: streams, and no packets.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "net/webtransport/h3_names.hpp"

namespace capnweb {

// The two lowest bits tell who opened a stream, and whether only that side sends.
using StreamId = std::int64_t;
constexpr bool is_client_stream(StreamId id) noexcept { return (id & 1) == 0; }
constexpr bool is_bidirectional_stream(StreamId id) noexcept { return (id & 2) == 0; }

// What can be done with a connection. Nothing here calls the handler; what is to be sent leaves
// when the turn ends. Streams that are gone are ignored.
class QuicStreams {
 public:
  using Time = std::chrono::steady_clock::time_point;

  // Nothing: the peer allows no more.
  virtual std::optional<StreamId> open_bidirectional() = 0;
  virtual std::optional<StreamId> open_unidirectional() = 0;

  virtual void send(StreamId stream, std::string bytes) = 0;
  // Ends our side behind what was sent.
  virtual void finish(StreamId stream) = 0;
  // Ends our side and drops what has not been sent.
  virtual void reset(StreamId stream, std::uint64_t code) = 0;
  // Asks the peer to end its side; what still comes is dropped.
  virtual void stop(StreamId stream, std::uint64_t code) = 0;
  // Bytes that no packet has taken yet.
  virtual std::size_t unsent(StreamId stream) const noexcept = 0;

  // The peer may send this much more, on the stream and altogether. REQUIRED once for each byte
  // that on_stream_data() gave, sooner or later: a byte that is held back is the peer's to wait
  // for.
  virtual void credit(StreamId stream, std::size_t bytes) = 0;

  // Ends the connection; the peer is told.
  virtual void close(H3Code code, std::string reason) = 0;

  // Now, or when the packet came that is being handled.
  virtual Time now() const noexcept = 0;

 protected:
  ~QuicStreams() = default;
};

// What a connection tells. Each call comes from the loop, when the connection is consistent: all of
// QuicStreams may be used.
class QuicHandler {
 public:
  using Time = QuicStreams::Time;

  // The handshake is complete.
  virtual void on_ready() = 0;
  // Bytes of a stream, in order; `is_end`: they are the last. The stream may be a new one.
  virtual void on_stream_data(StreamId stream, std::string_view bytes, bool is_end) = 0;
  // The peer has given up its side, or does not want ours.
  virtual void on_stream_reset(StreamId stream, std::uint64_t code) = 0;
  virtual void on_stream_stopped(StreamId stream, std::uint64_t code) = 0;
  // Everything up to our end has arrived at the peer.
  virtual void on_stream_sent(StreamId stream) = 0;
  // Both sides are over.
  virtual void on_stream_closed(StreamId stream) = 0;
  virtual void on_datagram(std::string_view bytes) = 0;
  // The connection is over, once, for a reason other than close(); a sentence says which.
  virtual void on_lost(std::string_view why) = 0;

  // The turn ends: the last chance to add output to what leaves now; and what is left has been seen
  // to.
  virtual void on_flush() = 0;
  virtual void on_flushed() = 0;

  // When on_deadline() wants to be called; it may be called earlier.
  virtual Time deadline() const noexcept = 0;
  virtual void on_deadline() = 0;

 protected:
  ~QuicHandler() = default;
};

}  // namespace capnweb
