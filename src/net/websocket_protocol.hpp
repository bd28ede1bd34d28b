// websocket_protocol.hpp: a session over WebSocket frames; knows no socket and no clock.
#pragma once

#include <capnweb/detail/ref.hpp>
#include <capnweb/error.hpp>
#include <capnweb/websocket.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "net/io_scratch.hpp"
#include "net/ws_frame.hpp"
#include "session/session_core.hpp"

namespace capnweb {

// Stands between the bytes of a connection and a session: what arrives is fed to receive(), what is
// to be sent is taken by compose(), and on_deadline() is called when deadline() has come. The
// session ends when the connection does, and when the session ends the connection says why (T-20,
// T-21).
class WebSocketProtocol {
 public:
  using Time = std::chrono::steady_clock::time_point;

  // What is to become of the connection.
  enum class Phase : std::uint8_t {
    kOpen,
    kClosing,    // our close frame is on its way; the peer's is to come
    kLingering,  // nothing more will be sent: half-close when all is out, read until the end
    kOver,       // close the socket
  };

  // `max_message_bytes` is three times the session's limit in UTF-16 units: a unit is at most three
  // bytes of UTF-8, so more bytes are over the limit, whatever they are.
  WebSocketProtocol(WebSocketRole role, detail::Ref<detail::SessionCore> session,
                    std::shared_ptr<const WebSocketOptions> options, std::size_t max_message_bytes,
                    WsMaskSource& masks, Time now);

  // Sends `bytes` before anything else. REQUIRES: nothing has been composed.
  void send_first(std::string bytes) { prepared_ = std::move(bytes); }

  // Handles bytes of the peer, which it may change, up to a fair number of messages, or until there
  // is much to send. Returns those that are left for a later turn.
  std::span<char> receive(std::span<char> bytes, Time now);
  // Whether the peer's bytes are wanted: not while it does not read ours.
  bool wants_input() const noexcept;

  // The peer has closed its end.
  void end_of_input();

  // Adds all there is to send to scratch.block.
  void compose(IoScratch& scratch, Time now);

  // How much waits for the peer to read, after an attempt to send; `has_progressed`: some went.
  void on_unsent(const SendQueue& queue, bool has_progressed, Time now);

  // When on_deadline() wants to be called next; it may be called earlier.
  Time deadline() const noexcept;
  // `input_waits`: there are bytes of the peer to be read, so it cannot be called silent.
  void on_deadline(Time now, bool input_waits);

  // Ends the session, and the connection with a code of the caller's.
  void close(std::uint16_t code, std::string_view reason, Time now);
  // The connection is gone; the session ends with `reason`.
  void fail(Error reason);

  Phase phase() const noexcept { return phase_; }
  // Bytes held of a message that has not wholly come.
  std::size_t buffered() const noexcept { return reader_.buffered(); }

  // Messages handled of one connection in one turn, so that others get their share.
  static constexpr std::size_t kMessagesPerTurn = 256;

 private:
  std::span<char> take(std::span<char> bytes);
  void handle(const WsEvent& event);
  void on_close_frame(const WsEvent& event);
  void on_error(const WsEvent& event);
  void give_up(const std::string& why, Time now);
  void send_control(WsOpcode opcode, std::string_view payload);
  void take_messages_now();
  void add_messages(IoScratch& scratch);
  void begin_close(std::string payload, Phase next, Time now);
  Time message_due() const noexcept;
  const WsMaskKey* next_key();

  const WebSocketRole role_;
  const detail::Ref<detail::SessionCore> session_;
  const std::shared_ptr<const WebSocketOptions> options_;
  const std::size_t max_message_bytes_;
  WsMaskSource& masks_;
  WsReader reader_;
  WsMaskKey key_{};

  Phase phase_ = Phase::kOpen;
  bool is_paused_ = false;
  bool waits_for_pong_ = false;
  std::size_t unsent_ = 0;
  std::string prepared_;                // what goes out before anything else
  std::unique_ptr<std::string> close_;  // the payload of our close frame, until it is composed
  std::optional<Time> message_began_;   // while the rest of it is the peer's to send
  Time heard_;                          // the peer's last bytes
  Time pinged_;                         // while waits_for_pong_
  Time progressed_;                     // while unsent_ is not 0
  Time over_at_ = Time::max();          // when closing
};

}  // namespace capnweb
