// batch_client_connection.hpp: one connection to an HTTP server, one request at a time.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <capnweb/detail/timer.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "net/batch_client_response.hpp"
#include "net/endpoints.hpp"
#include "net/loop_core.hpp"
#include "net/url.hpp"
#include "value/expected.hpp"

namespace capnweb {

struct HttpPost {
  std::string head;  // all of it
  std::string body;
  std::chrono::milliseconds connect_timeout;
  std::chrono::milliseconds timeout;
  std::size_t max_response_size = 0;
};

// Connects when it is first used. While it is idle it listens for the server's going away, so that
// nothing is sent into a dead connection. Keeps itself alive by its pending operations.
class HttpClientConnection final : public std::enable_shared_from_this<HttpClientConnection>,
                                   private LoopMember,
                                   private detail::Timer {
 public:
  using Done = std::function<void(Expected<HttpAnswer>)>;

  HttpClientConnection(std::shared_ptr<LoopCore> loop, ServerUrl url);

  // Calls `done` once, in a turn, later. Not if the loop ends. REQUIRES: no exchange is under way.
  void exchange(HttpPost post, Done done);

  // Whether it stands and may be used for another exchange.
  bool is_idle() noexcept;

  // What is under way fails.
  void close();

 private:
  using Tcp = boost::asio::ip::tcp;
  using Code = boost::system::error_code;
  enum class State : std::uint8_t { kNew, kConnecting, kBusy, kIdle, kClosed };

  void on_loop_end() noexcept override;
  void on_time(Clock::time_point now) noexcept override;

  void resolve();
  void connect(const Endpoints<Tcp>& endpoints);
  void on_connected(const Code& code);
  void send();
  void on_sent(const Code& code);
  void read();
  void on_read(const Code& code, std::size_t bytes);
  void on_answer();
  void fail(const std::string& why);
  void shut();

  std::shared_ptr<LoopCore> loop_;
  ServerUrl url_;
  Tcp::resolver resolver_;
  Tcp::socket socket_;
  State state_ = State::kNew;

  HttpPost post_;
  Done done_;
  Clock::time_point deadline_;
  bool is_sending_ = false;
  bool is_reading_ = false;
  std::optional<HttpAnswerParser> parser_;
  std::vector<char> input_;
  std::size_t unused_ = 0;  // bytes at the front of input_ that the parser wants to see again
};

}  // namespace capnweb
