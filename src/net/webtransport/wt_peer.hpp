// wt_peer.hpp: HTTP/3 on a link, on either side.
#pragma once

#include <capnweb/webtransport.hpp>
#include <cstddef>
#include <utility>

#include "net/loop_core.hpp"
#include "net/webtransport/quic_link.hpp"
#include "net/webtransport/wt_connection.hpp"

namespace capnweb {

// Passes on what the link tells to a WtConnection, and what that wants to the loop.
class WtPeer : public QuicPeer, protected WtOwner, private Source {
 public:
  WtPeer(H3Role role, QuicLink& link, LoopCore& loop, const WebTransportOptions& options,
         std::size_t max_line)
      : link_(link),
        loop_(loop),
        connection_(role, link.connection(), *this, options, max_line, loop.scratch()) {}
  ~WtPeer() override {
    loop_.forget_source(*this);
    if (is_leaving_) loop_.closing_done();
  }

  WtConnection& connection() noexcept { return connection_; }

  // QuicHandler
  void on_ready() override { connection_.on_ready(); }
  void on_stream_data(StreamId id, std::string_view bytes, bool is_end) override {
    loop_.set_source(*this);
    connection_.on_stream_data(id, bytes, is_end);
  }
  void on_stream_reset(StreamId id, std::uint64_t code) override {
    connection_.on_stream_reset(id, code);
  }
  void on_stream_stopped(StreamId id, std::uint64_t code) override {
    connection_.on_stream_stopped(id, code);
  }
  void on_stream_sent(StreamId id) override { connection_.on_stream_sent(id); }
  void on_stream_closed(StreamId id) override { connection_.on_stream_closed(id); }
  void on_datagram(std::string_view bytes) override { connection_.on_datagram(bytes); }
  void on_lost(std::string_view why) override { connection_.on_lost(why); }
  void on_flush() override { connection_.on_flush(); }
  void on_flushed() override {
    connection_.on_flushed();
    // Whoever ends the loop may wait for that a little.
    const bool is_leaving = connection_.is_leaving();
    if (is_leaving == is_leaving_) return;
    is_leaving_ = is_leaving;
    if (is_leaving)
      loop_.closing_begun();
    else
      loop_.closing_done();
  }
  Time deadline() const noexcept override { return connection_.deadline(); }
  void on_deadline() override { connection_.on_deadline(); }

 protected:
  // What the session has to say leaves when the turn ends.
  void watch_output(detail::SessionCore& session) {
    session.on_output([weak = link_.weak_from_this()] {
      if (const auto link = weak.lock()) link->flush_soon();
    });
  }

  // WtOwner
  void on_session_over(detail::SessionCore& session) override { session.on_output({}); }
  void on_held_input() override {
    // Once: every flush until then asks for it, and more would be more than a session's share.
    if (std::exchange(is_posted_, true)) return;
    link_.post([](QuicPeer& peer) { static_cast<WtPeer&>(peer).handle_held_input(); });
  }
  bool holds_input() const noexcept override { return is_held(); }

 private:
  void handle_held_input() {
    is_posted_ = false;
    loop_.set_source(*this);
    connection_.handle_held_input();
  }
  // Source
  void read_on() noexcept override { on_held_input(); }

  QuicLink& link_;
  LoopCore& loop_;
  WtConnection connection_;
  bool is_posted_ = false;  // handle_held_input()
  bool is_leaving_ = false;
};

}  // namespace capnweb
