// quic_link.hpp: a QUIC connection on a loop: its turns, its timer, its socket.
#pragma once

#include <capnweb/detail/timer.hpp>
#include <functional>
#include <memory>

#include "net/loop_core.hpp"
#include "net/webtransport/quic_connection.hpp"
#include "net/webtransport/udp_socket.hpp"

namespace capnweb {

class QuicLink;

// What connections are used by: HTTP/3, or a test.
class QuicPeer : public QuicHandler {
 public:
  virtual ~QuicPeer() = default;
};

// Where links live. Must outlive them, or detach() them.
class QuicLinkHost {
 public:
  virtual void add_id(const QuicId& id, QuicLink& link) = 0;
  virtual void remove_id(const QuicId& id) = 0;
  virtual QuicResetToken reset_token(const QuicId& id) = 0;
  // The connection is over: let go of the link.
  virtual void on_over(QuicLink& link) = 0;

 protected:
  ~QuicLinkHost() = default;
};

// Loop thread only. Who calls from outside of a turn enters the loop first.
class QuicLink final : public std::enable_shared_from_this<QuicLink>,
                       private QuicCarrier,
                       private Flushable,
                       private detail::Timer {
 public:
  QuicLink(std::shared_ptr<LoopCore> loop, QuicLinkHost& host, std::shared_ptr<UdpSocket> socket);
  ~QuicLink() override;

  // REQUIRED, in this order: makes the connection by `make`, and who uses it.
  template <class... Arguments>
  void set_connection(Arguments&&... arguments) {
    connection_.emplace(static_cast<QuicCarrier&>(*this), std::forward<Arguments>(arguments)...);
  }
  void set_peer(std::unique_ptr<QuicPeer> peer);

  QuicConnection& connection() noexcept { return *connection_; }
  // Null when it is over.
  QuicPeer* peer() noexcept { return peer_.get(); }

  // Takes in all datagrams of one read.
  void receive(UdpInput input);
  // Sends from another socket from now on.
  void set_socket(std::shared_ptr<UdpSocket> socket) noexcept { socket_ = std::move(socket); }
  void flush_soon() { flush_later(); }
  // Runs a function with its peer in a turn of its own, unless it is over by then.
  void post(std::function<void(QuicPeer&)> function);

  // Sends what there is now: the last chance before the loop ends.
  void flush_now();
  // Lets go of everything, without a word.
  void detach() noexcept;

 private:
  // QuicCarrier
  bool send(const QuicPath& path, std::span<const std::uint8_t> packets,
            std::size_t segment) override;
  std::span<std::uint8_t> packet_buffer() override;
  void flush_later() override;
  void add_id(const QuicId& id) override;
  void remove_id(const QuicId& id) override;
  QuicResetToken reset_token(const QuicId& id) override;

  void flush() noexcept override;
  void on_time(Clock::time_point now) noexcept override;
  void set_alarm();

  std::shared_ptr<LoopCore> loop_;
  QuicLinkHost* host_;
  std::shared_ptr<UdpSocket> socket_;
  std::optional<QuicConnection> connection_;
  std::unique_ptr<QuicPeer> peer_;
  std::vector<QuicId> ids_;
  bool waits_to_send_ = false;
};

}  // namespace capnweb
