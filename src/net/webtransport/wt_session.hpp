// wt_session.hpp: a session over the streams of a WebTransport session; knows no packets.
#pragma once

#include <capnweb/detail/ref.hpp>
#include <capnweb/error.hpp>
#include <capnweb/webtransport.hpp>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net/io_scratch.hpp"
#include "net/webtransport/h3_names.hpp"
#include "net/webtransport/quic_streams.hpp"
#include "net/webtransport/wt_line_reader.hpp"
#include "session/session_core.hpp"

namespace capnweb {

// Messages travel as lines on one stream: the first bidirectional one that the client opens. The
// end of the session is said on another, its CONNECT stream. A session that ends here leaves in
// order: its last words, the end of their stream, and when those have arrived the close capsule;
// browsers drop what has not been read when that comes.
class WtSession {
 public:
  using Time = QuicStreams::Time;

  enum class Phase : std::uint8_t {
    kOpen,
    kLastWords,  // the messages' stream is finished, the peer has not acknowledged it
    kClosing,    // the close is said, the peer's answer is to come
    kOver,
  };

  // `max_line`: bytes of one message. `scratch` has buffers that connections share.
  WtSession(H3Role role, QuicStreams& streams, StreamId connect_stream,
            detail::Ref<detail::SessionCore> session, const WebTransportOptions& options,
            std::size_t max_line, IoScratch& scratch);
  ~WtSession();
  WtSession(const WtSession&) = delete;
  WtSession& operator=(const WtSession&) = delete;

  StreamId connect_stream() const noexcept { return connect_stream_; }
  const std::optional<StreamId>& message_stream() const noexcept { return message_stream_; }
  detail::SessionCore& core() const noexcept { return *session_; }
  Phase phase() const noexcept { return phase_; }

  // The stream that the messages take; the server's comes from the client.
  void set_message_stream(StreamId stream) { message_stream_ = stream; }

  // Bytes of that stream. Credits what it takes; holds what has to wait, all unless `may_handle`.
  void receive(std::string_view bytes, bool is_end, bool may_handle = true);
  // Handles what was held. REQUIRED in a later turn while has_held_input().
  void receive_held();
  bool has_held_input() const noexcept { return is_open() && !is_paused_ && !held_.empty(); }

  // The peer has given up its side of that stream, or does not read ours.
  void message_input_lost();
  void message_output_lost();
  // All of it has been acknowledged.
  void message_stream_sent();
  // The peer has closed the session, or its CONNECT stream has ended: then with code 0.
  void closed_by_peer(std::uint32_t code, std::string_view reason);
  // Both sides of the CONNECT stream are over.
  void connect_stream_closed();
  // There is no connection any more.
  void connection_lost(const Error& reason);

  // Sends what there is to be sent; at the end of a turn.
  void flush();
  // Looks at what is left, when packets have taken what they could.
  void watch_unsent();

  // Ends the session; calls that are pending here fail with the reason.
  void close(std::uint32_t code, std::string_view reason);

  // When on_deadline() wants to be called next.
  Time deadline() const noexcept;
  void on_deadline();

  // Lines handled of one session in one turn, so that others get their share.
  static constexpr std::size_t kMessagesPerTurn = 256;

 private:
  bool is_open() const noexcept { return phase_ == Phase::kOpen && !leaves_at_; }
  bool take_lines(std::string_view& bytes);
  void take_end();
  void count_held();
  Time message_due() const noexcept;
  void fail_line(WtLineEvent::Kind kind);
  void send_messages();
  std::size_t unsent_without_first_message() noexcept;
  void leave(std::uint32_t code, std::string reason);
  void give_up(const std::string& why);
  void say_close();
  void end_message_stream();
  void drop_input();

  const H3Role role_;
  QuicStreams& streams_;
  const StreamId connect_stream_;
  const detail::Ref<detail::SessionCore> session_;
  const WebTransportOptions options_;
  const std::size_t max_line_;
  IoScratch& scratch_;

  Phase phase_ = Phase::kOpen;
  const Time opened_;
  std::optional<StreamId> message_stream_;
  WtLineReader lines_;
  std::string held_;  // came, but is to be handled later; not credited
  bool end_has_come_ = false;
  bool is_paused_ = false;
  bool is_handling_ = false;
  std::size_t half_received_ = 0;      // as counted in scratch_
  std::optional<Time> message_began_;  // while the rest of it is the peer's to send

  bool has_said_abort_ = false;
  struct Large {
    std::uint64_t end;  // its place among all bytes sent
    std::size_t size;
  };
  std::uint64_t sent_ = 0;     // bytes given to the messages' stream
  std::vector<Large> larges_;  // large messages that wait
  std::size_t unsent_ = 0;
  Time progressed_{};              // while unsent_ is not 0
  std::optional<Time> leaves_at_;  // the messages are over: until when the reason may come
  Time over_at_ = Time::max();     // of the phases that close
  std::uint32_t close_code_ = 0;
  std::string close_reason_;
};

}  // namespace capnweb
