// client.hpp: one connection of the load generator.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "common/meter.hpp"
#include "common/options.hpp"
#include "common/poller.hpp"
#include "common/socket.hpp"
#include "load/workload.hpp"

namespace bench {

// What all connections of a run share.
struct Run {
  const Options& options;
  const Workload& workload;
  Meter& meter;
  Poller& poller;
  std::size_t calls_per_connection;  // at most
};

// Keeps its window full for as long as the meter lets calls start.
class Client : public Poller::Handler {
 public:
  explicit Client(Run& run);

  bool is_open() const { return is_open_; }
  bool is_lost() const { return is_lost_; }
  virtual std::size_t calls_under_way() const = 0;

  // Starts calls and sends them.
  void start();

 protected:
  // Sends the bytes that open the connection.
  virtual void greet() = 0;
  // Handles what is whole, from `begin` on; returns where it stopped.
  virtual char* take(char* begin, char* end, std::uint64_t now) = 0;
  // Starts calls while it may_call().
  virtual void fill(std::uint64_t now) = 0;

  bool may_call() const;
  std::uint64_t next_call() { return calls_++; }
  void opened() { is_open_ = true; }
  void lose(std::string_view why);
  void flush();
  std::string& out() { return socket_.out(); }
  Run& run() { return run_; }

 private:
  void on_readable() override;
  void on_writable() override;

  Run& run_;
  Socket socket_;
  std::uint64_t calls_ = 0;
  bool is_connected_ = false;
  bool is_open_ = false;
  bool is_lost_ = false;
  bool is_watching_writable_ = true;
};

std::unique_ptr<Client> make_websocket_client(Run& run);
std::unique_ptr<Client> make_batch_client(Run& run);

}  // namespace bench
