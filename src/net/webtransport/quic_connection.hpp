// quic_connection.hpp: one QUIC connection: packets in, packets out, streams in between.
#pragma once

#include <boost/asio/ip/udp.hpp>
#include <capnweb/webtransport.hpp>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "net/webtransport/h3_names.hpp"
#include "net/webtransport/quic_packet.hpp"
#include "net/webtransport/quic_send_stream.hpp"
#include "net/webtransport/quic_streams.hpp"
#include "net/webtransport/quic_tls.hpp"

namespace capnweb {

// Where a packet came from, and to: what it is answered along.
struct QuicPath {
  boost::asio::ip::udp::endpoint local;
  boost::asio::ip::udp::endpoint remote;
  friend bool operator==(const QuicPath&, const QuicPath&) = default;
};

// Who carries the packets of a connection.
class QuicCarrier {
 public:
  // Packets of `segment` bytes each, the last one perhaps shorter. False: the socket takes none
  // now; flush() again when it does.
  virtual bool send(const QuicPath& path, std::span<const std::uint8_t> packets,
                    std::size_t segment) = 0;
  // For composing packets, 64 KiB.
  virtual std::span<std::uint8_t> packet_buffer() = 0;
  // The connection has something to send: flush() it when the turn ends.
  virtual void flush_later() = 0;
  // Packets for this id belong to the connection from now on, or no longer.
  virtual void add_id(const QuicId& id) = 0;
  virtual void remove_id(const QuicId& id) = 0;
  // By which a client knows, after a restart, that its connection is no more.
  virtual QuicResetToken reset_token(const QuicId& id) = 0;

 protected:
  ~QuicCarrier() = default;
};

// Around ngtcp2, which calls back in the middle of things: what it tells is noted and passed on by
// deliver(), when everything may be used again.
class QuicConnection final : public QuicStreams {
 public:
  // A server's, for a client's first packet; and a client's. Throws Error if TLS cannot be set up.
  QuicConnection(QuicCarrier& carrier, const WebTransportOptions& options, const QuicPath& path,
                 const QuicInitial& initial, std::shared_ptr<const QuicCredentials> credentials,
                 Time now);
  QuicConnection(QuicCarrier& carrier, const WebTransportOptions& options, const QuicPath& path,
                 std::string host, std::shared_ptr<const QuicCredentials> credentials,
                 std::chrono::milliseconds handshake_within, Time now);
  ~QuicConnection();

  // REQUIRED before anything else.
  void set_handler(QuicHandler& handler) noexcept { handler_ = &handler; }

  // Takes a packet in; deliver() passes on what came, of several packets at once.
  void receive(const QuicPath& path, std::span<const std::uint8_t> packet, Time now);
  void deliver();
  // Sends what there is to be sent and may be sent now.
  void flush(Time now);
  // When on_deadline() wants to be called next; the end of the turn flushes behind it.
  Time deadline() const noexcept;
  void on_deadline(Time now);

  // Ends it without a word, for a reason of the caller's.
  void give_up(const std::string& why);

  // Nothing more comes of it; to be let go.
  bool is_over() const noexcept { return phase_ == Phase::kOver; }
  bool is_established() const noexcept { return is_established_; }
  // Whether anything has come from the peer.
  bool has_heard() const noexcept { return has_heard_; }
  // The server asks clients to prove their address first: drop this, send a Retry.
  bool wants_retry() const noexcept { return wants_retry_; }

  // Goes on from another address of ours; changes keys. Both do nothing before the handshake is
  // confirmed, and return whether they did.
  bool migrate(const boost::asio::ip::udp::endpoint& local, Time now);
  bool update_keys(Time now);

  // QuicStreams
  std::optional<StreamId> open_bidirectional() override;
  std::optional<StreamId> open_unidirectional() override;
  void send(StreamId id, std::string bytes) override;
  void finish(StreamId id) override;
  void reset(StreamId id, std::uint64_t code) override;
  void stop(StreamId id, std::uint64_t code) override;
  std::size_t unsent(StreamId id) const noexcept override;
  void credit(StreamId id, std::size_t bytes) override;
  void close(H3Code code, std::string reason) override;
  Time now() const noexcept override { return now_; }

 private:
  struct Callbacks;
  enum class Phase : std::uint8_t { kOpen, kClosing, kDraining, kOver };
  struct Event {
    enum class Kind : std::uint8_t { kReady, kData, kReset, kStopped, kSent, kClosed, kDatagram };
    Kind kind;
    StreamId stream = 0;
    std::uint64_t code = 0;
    std::size_t begin = 0;  // in event_bytes_
    std::size_t size = 0;
    bool is_end = false;
  };
  struct Out {
    QuicSendStream queue;
    bool is_ready = false;    // stands in ready_
    bool is_blocked = false;  // has no credit
  };
  struct Batch {
    QuicPath path = {};
    std::size_t size = 0;
    std::size_t segment = 0;
  };
  struct DeleteConnection {
    void operator()(ngtcp2_conn* connection) const noexcept;
  };

  void note(Event event) { events_.push_back(event); }
  void note_data(StreamId id, std::string_view bytes, bool is_end);
  void pass_on(const Event& event, std::string_view bytes);

  void make_ready(StreamId id, Out& out);
  void write_packets();
  void pace();
  bool write_batch();
  std::ptrdiff_t write_packet(QuicPath& path, std::span<std::uint8_t> buffer);
  bool after_write(std::ptrdiff_t result, StreamId id, std::ptrdiff_t taken, bool has_end);
  StreamId next_ready() noexcept;
  bool carry(const Batch& batch, std::span<const std::uint8_t> packets);

  void fail(int error);
  void lost(const std::string& why);
  std::string why_peer_closed();
  void send_close();
  void begin_closing(Phase phase);

  QuicCarrier& carrier_;
  const WebTransportOptions options_;
  const H3Role role_;
  QuicHandler* handler_ = nullptr;
  QuicTls tls_;
  std::unique_ptr<ngtcp2_conn, DeleteConnection> connection_;

  Phase phase_ = Phase::kOpen;
  Time now_;
  Time over_at_ = Time::max();
  bool is_established_ = false;
  bool has_heard_ = false;
  bool wants_retry_ = false;
  bool was_reset_ = false;  // statelessly
  bool is_delivering_ = false;

  std::vector<Event> events_;
  std::string event_bytes_;

  std::map<StreamId, Out> outs_;
  std::deque<StreamId> ready_;
  std::vector<std::uint8_t> blocked_packets_;  // that the socket would not take
  Batch blocked_batch_;

  struct Close;
  std::unique_ptr<Close> close_;            // to be said
  std::vector<std::uint8_t> close_packet_;  // said, to be repeated
  QuicPath close_path_;
  std::size_t packets_since_close_ = 0;
};

}  // namespace capnweb
