// wt_connection.hpp: HTTP/3 and the sessions on it, over one QUIC connection's streams.
#pragma once

#include <capnweb/detail/ref.hpp>
#include <capnweb/webtransport.hpp>
#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "net/io_scratch.hpp"
#include "net/webtransport/h3_frame_reader.hpp"
#include "net/webtransport/h3_message.hpp"
#include "net/webtransport/h3_settings.hpp"
#include "net/webtransport/h3_stream_head.hpp"
#include "net/webtransport/qpack.hpp"
#include "net/webtransport/quic_streams.hpp"
#include "net/webtransport/wt_capsule_reader.hpp"
#include "net/webtransport/wt_session.hpp"

namespace capnweb {

// Why a client's request gets no session: a status, and a text for people.
struct WtRefusal {
  int status = 0;
  std::string text;
  Headers headers = {};
};

// Whose sessions they are. Called from the loop; all of the connection may be used.
class WtOwner {
 public:
  using SessionRef = detail::Ref<detail::SessionCore>;

  // Server: a client asks for a session and gets it, or is told why not.
  virtual std::variant<SessionRef, WtRefusal> open_session(const H3Request& request) = 0;
  // Client: the server has granted the session, or has not; 0 if it was no answer that says so.
  virtual void on_opened() = 0;
  virtual void on_refused(int status, std::string_view text) = 0;
  // A session has been seen to its end, and all of them with the connection.
  virtual void on_session_over(detail::SessionCore& session) = 0;
  // There is input to be handled in a later turn: call handle_held_input() then.
  virtual void on_held_input() = 0;
  // Whether messages are not to be handled now; on_held_input() when they are again.
  virtual bool holds_input() const noexcept = 0;

 protected:
  ~WtOwner() = default;
};

// Knows no packets and no sockets. Everything a peer may cause here is bounded: headers by size and
// number, control frames by size, streams by QUIC's credit, what overtakes its session by
// kMaxEarlyStreams and kMaxEarlyBytes, requests by kMaxRequests.
class WtConnection final : public QuicHandler {
 public:
  static constexpr std::size_t kMaxSessions = 32;
  static constexpr std::size_t kMaxRequests = 1000;
  static constexpr std::size_t kMaxEarlyStreams = 16;
  static constexpr std::size_t kMaxEarlyBytes = 64 * 1024;

  // `max_line`: bytes of one message.
  WtConnection(H3Role role, QuicStreams& streams, WtOwner& owner,
               const WebTransportOptions& options, std::size_t max_line, IoScratch& scratch);
  ~WtConnection();

  // Client: asks for a session as soon as the server has said that it has such. Once.
  void connect(H3Fields request, WtOwner::SessionRef session);

  // Ends all sessions; the connection ends when they have.
  void close(std::uint32_t code, std::string_view reason);
  // The session of `core`, or null.
  WtSession* find_session(const detail::SessionCore& core) noexcept;
  bool has_sessions() const noexcept { return !sessions_.empty(); }
  // Whether no session has a call to answer.
  bool is_drained() const noexcept;
  // Whether a session says goodbye.
  bool is_leaving() const noexcept;

  void handle_held_input();

  // QuicHandler
  void on_ready() override;
  void on_stream_data(StreamId id, std::string_view bytes, bool is_end) override;
  void on_stream_reset(StreamId id, std::uint64_t code) override;
  void on_stream_stopped(StreamId id, std::uint64_t code) override;
  void on_stream_sent(StreamId id) override;
  void on_stream_closed(StreamId id) override;
  void on_datagram(std::string_view bytes) override;
  void on_lost(std::string_view why) override;
  void on_flush() override;
  void on_flushed() override;
  Time deadline() const noexcept override;
  void on_deadline() override;

 private:
  enum class Kind : std::uint8_t {
    kUnknown,  // its head has not come
    kControl,
    kQpack,     // needs nothing, but must not end
    kRequest,   // or the CONNECT stream of a session
    kMessages,  // of a session
    kEarly,     // overtook its session
    kIgnored,
  };
  struct Stream {
    explicit Stream(bool is_bidirectional) noexcept : head(is_bidirectional) {}
    Kind kind = Kind::kUnknown;
    H3StreamHead head;
    std::optional<H3FrameReader> frames = std::nullopt;
    WtCapsuleReader capsules = {};
    WtSession* session = nullptr;
    bool has_headers = false;
    int refused_status = 0;     // client: the server's, whose text is to come
    std::string kept = {};      // of kEarly, or that text
    bool end_has_come = false;  // of kEarly
  };
  using Streams = std::map<StreamId, Stream>;

  // Streams.
  Stream& stream_of(StreamId id);
  void begin_stream(StreamId id, Stream& stream, H3StreamHead::Kind kind);
  void begin_unique(StreamId id, Stream& stream, Kind kind, bool& is_there);
  void begin_messages(StreamId id, Stream& stream);
  void receive(StreamId id, Stream& stream, std::string_view bytes, bool is_end);
  void receive_early(StreamId id, Stream& stream, std::string_view bytes, bool is_end);
  void drop_early(StreamId id, Stream& stream);
  void adopt_early(WtSession& session);
  void refuse_early(StreamId connect_stream);
  void attach(StreamId id, Stream& stream, WtSession& session);
  void refuse_stream(StreamId id, Stream& stream, std::uint64_t code);
  WtSession* session_at(StreamId connect_stream) noexcept;

  // Frames.
  void receive_frames(StreamId id, Stream& stream, std::string_view bytes);
  void handle_frame(StreamId id, Stream& stream, const H3FrameEvent& event);
  void receive_settings(std::string_view payload);
  void receive_headers(StreamId id, Stream& stream, std::string_view section);
  void receive_request(StreamId id, Stream& stream, const H3Fields& fields);
  void receive_response(StreamId id, Stream& stream, const H3Fields& fields);
  void receive_body(StreamId id, Stream& stream, std::string_view bytes);
  void receive_end(StreamId id, Stream& stream);

  // Requests.
  void decide(StreamId id, Stream& stream, const H3Request& request);
  void accept(StreamId id, Stream& stream, WtOwner::SessionRef core);
  void respond(StreamId id, Stream& stream, const WtRefusal& refusal);
  void send_headers(StreamId id, const H3Fields& fields);
  void send_request();
  void refused(int status, std::string_view text);

  void fail(H3Code code, std::string_view why);
  void fail_stream(StreamId id, Stream& stream, H3Code code);
  void sweep();
  bool is_idle() const noexcept;

  const H3Role role_;
  QuicStreams& streams_;
  WtOwner& owner_;
  const WebTransportOptions options_;
  const std::size_t max_line_;
  IoScratch& scratch_;
  Qpack qpack_;

  Streams peer_streams_;
  std::vector<std::unique_ptr<WtSession>> sessions_;
  std::size_t early_streams_ = 0;
  std::size_t early_bytes_ = 0;
  std::size_t requests_ = 0;
  bool has_control_ = false;
  bool has_qpack_encoder_ = false;
  bool has_qpack_decoder_ = false;
  bool is_ready_ = false;
  bool has_had_session_ = false;
  bool is_closed_ = false;
  Time idle_since_;

  // Client.
  std::optional<H3Settings> settings_;
  H3Fields request_;
  WtOwner::SessionRef wanted_;
};

}  // namespace capnweb
