// load.hpp: many connections to one server, kept busy until the meter has what it wants.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "load/client.hpp"

namespace bench {

class Load {
 public:
  // Each connection makes at most so many calls.
  explicit Load(const Options& options, std::size_t calls_per_connection = ~std::size_t{0});

  // Connects all, then returns when the meter lets no more calls start and those under way have
  // ended. Throws std::runtime_error if a connection cannot be made.
  void run();

  // Keeps all connections open for as long as the options say, and prints as JSON what each of them
  // takes of the server's memory. The exit status of the program.
  int report_idle();

  const Meter& meter() const { return meter_; }

 private:
  void connect_some();

  const Options options_;
  const std::unique_ptr<const Workload> workload_;
  Meter meter_;
  Poller poller_;
  Run run_;
  const std::uint64_t resident_before_;
  std::vector<std::unique_ptr<Client>> clients_;
};

}  // namespace bench
