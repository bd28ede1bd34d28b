// udp_relay.hpp: a bad network, made of a seed.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/udp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <utility>

#include "net/loop_core.hpp"

namespace capnweb::testing {

// Stands between one client and a server on 127.0.0.1, on a loop that both may be on, and loses,
// delays and swaps datagrams.
class UdpRelay {
 public:
  struct Options {
    double loss = 0;
    double reordering = 0;  // how many come later than others that were sent later
    std::chrono::milliseconds delay{0};
    unsigned seed = 1;
  };

  UdpRelay(const std::shared_ptr<LoopCore>& loop, std::uint16_t server, Options options)
      : state_(std::make_shared<State>(loop->executor(), server, options)) {
    state_->read(state_->front, true);
    rebind();
  }
  ~UdpRelay() {
    state_->front->close();
    state_->back->close();
  }
  UdpRelay(const UdpRelay&) = delete;
  UdpRelay& operator=(const UdpRelay&) = delete;

  // Where clients send to.
  std::uint16_t port() const { return state_->front->local_endpoint().port(); }
  // The server sees the client at another port from now on.
  void rebind() {
    if (state_->back) state_->back->close();
    state_->back = state_->open();
    state_->read(state_->back, false);
  }
  std::size_t dropped() const noexcept { return state_->dropped; }

 private:
  using Udp = boost::asio::ip::udp;
  using Socket = std::shared_ptr<Udp::socket>;
  using Code = boost::system::error_code;

  struct State : std::enable_shared_from_this<State> {
    State(boost::asio::any_io_executor where, std::uint16_t port, Options chosen)
        : executor(std::move(where)),
          server(boost::asio::ip::address_v4::loopback(), port),
          options(chosen),
          random(chosen.seed),
          front(open()) {}

    Socket open() const {
      return std::make_shared<Udp::socket>(
          executor, Udp::endpoint(boost::asio::ip::address_v4::loopback(), 0));
    }

    void read(const Socket& socket, bool is_front) {
      auto buffer = std::make_shared<std::string>(65536, '\0');
      auto from = std::make_shared<Udp::endpoint>();
      socket->async_receive_from(boost::asio::buffer(*buffer), *from,
                                 [self = shared_from_this(), socket, is_front, buffer, from](
                                     const Code& code, std::size_t size) {
                                   if (!socket->is_open()) return;
                                   if (!code) {
                                     buffer->resize(size);
                                     if (is_front) self->client = *from;
                                     self->pass(std::move(*buffer), is_front);
                                   }
                                   self->read(socket, is_front);
                                 });
    }

    void pass(std::string datagram, bool to_server) {
      if (draw() < options.loss) {
        ++dropped;
        return;
      }
      auto delay = options.delay / 2;
      if (draw() < options.reordering) delay += std::chrono::milliseconds(3);
      if (delay.count() == 0) return send(datagram, to_server);
      auto timer = std::make_shared<boost::asio::steady_timer>(executor, delay);
      timer->async_wait([self = shared_from_this(), timer, to_server,
                         datagram = std::move(datagram)](const Code& code) {
        if (!code) self->send(datagram, to_server);
      });
    }

    void send(const std::string& datagram, bool to_server) {
      Code ignored;
      if (to_server)
        back->send_to(boost::asio::buffer(datagram), server, 0, ignored);
      else
        front->send_to(boost::asio::buffer(datagram), client, 0, ignored);
    }

    double draw() { return std::uniform_real_distribution<double>(0, 1)(random); }

    // Not the loop: a datagram that is still under way when it ends would keep it for ever.
    boost::asio::any_io_executor executor;
    Udp::endpoint server;
    Options options;
    std::mt19937 random;
    Socket front;
    Socket back;
    Udp::endpoint client;
    std::size_t dropped = 0;
  };

  std::shared_ptr<State> state_;
};

}  // namespace capnweb::testing
