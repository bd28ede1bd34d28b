// http_server_connection.hpp: one client's connection, request by request.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net/http_server_admission.hpp"
#include "net/http_server_request.hpp"
#include "net/http_server_response.hpp"

namespace capnweb {

class HttpBatch;
class HttpServer;

// Keeps itself alive by its pending operation; there is always one until it is closed. Requests are
// answered in order, each before the next is looked at.
class HttpConnection : public std::enable_shared_from_this<HttpConnection> {
 public:
  using Clock = std::chrono::steady_clock;
  using Socket = boost::asio::ip::tcp::socket;

  HttpConnection(std::shared_ptr<HttpServer> server, Socket socket,
                 const boost::asio::ip::tcp::endpoint& peer,
                 std::optional<HttpAdmission::Slot> slot);
  ~HttpConnection();

  void start();
  // Tells the client that there is no room for it.
  void turn_away();

  // The server is going: after the answer that is under way, or at once if there is none.
  void finish();
  // At once, without an answer.
  void close();
  // Whether it was given a place, or is only here to be turned away.
  bool is_admitted() const noexcept { return is_admitted_; }
  // Closes or answers what has taken too long.
  void check_deadline(Clock::time_point now);

 private:
  enum class State : std::uint8_t { kReading, kAnswering, kWriting, kLingering, kClosed };

  // Reading.
  std::string_view unread() const noexcept { return {input_.data() + begin_, end_ - begin_}; }
  void read();
  void on_read(const boost::system::error_code& code, std::size_t bytes);
  void on_end_of_input();
  void advance();
  void on_head();
  void on_request();
  bool count_body();
  void give_back_body() noexcept;

  // Answering.
  void run_batch();
  void on_batch_done();
  void upgrade();

  // Writing.
  void respond(HttpResponse response);
  void write();
  void on_write(const boost::system::error_code& code, std::size_t bytes);
  void on_written();
  void send_continue();
  void on_continue_sent(const boost::system::error_code& code, std::size_t bytes);
  void next_request();
  void linger();

  // Runs a member function, in a turn, when an operation has ended.
  template <class... A>
  auto then(void (HttpConnection::*step)(A...));

  void set_deadline(std::chrono::milliseconds from_now) { deadline_ = Clock::now() + from_now; }

  std::shared_ptr<HttpServer> server_;
  Socket socket_;
  std::optional<HttpAdmission::Slot> slot_;
  const bool is_admitted_;
  State state_ = State::kReading;
  Clock::time_point deadline_;

  // Bytes between begin_ and end_ have been read and not yet used. They stay where they are while a
  // read into the space behind them is pending.
  std::vector<char> input_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  bool is_reading_ = false;
  bool input_ended_ = false;
  bool waits_to_upgrade_ = false;

  std::optional<HttpRequestParser> parser_;
  Clock::time_point body_began_;
  std::size_t counted_body_ = 0;
  std::size_t requests_ = 0;
  std::string peer_address_;
  std::uint16_t peer_port_ = 0;

  std::shared_ptr<HttpBatch> batch_;
  std::string head_;
  std::string body_;
  std::size_t written_ = 0;
  bool keep_alive_ = false;
};

}  // namespace capnweb
