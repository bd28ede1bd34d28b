// meter.hpp: counts calls and what they cost, and says when to stop.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "common/histogram.hpp"
#include "common/options.hpp"

namespace bench {

// What went through the sockets; bytes with their framing.
struct Traffic {
  std::uint64_t bytes_sent = 0;
  std::uint64_t bytes_received = 0;
  std::uint64_t sends = 0;  // system calls
  std::uint64_t receives = 0;
};

// One run of a client, in three phases: warming up, measuring, over. It has no timer: the end of a
// call moves it on, so any kind of client can use it.
class Meter {
 public:
  explicit Meter(const Options& options);

  // Whether another call may start; when not, the client waits for those under way and reports.
  bool may_start() const { return phase_ != Phase::kOver; }

  // A call that was started at `started` has ended with the right answer.
  void finish_call(std::uint64_t started, std::uint64_t now);

  // Something went wrong. The first text is reported; the run is void.
  void fail(std::string_view what);

  std::uint64_t errors() const { return errors_; }
  const std::string& first_error() const { return first_error_; }

  Traffic& traffic() { return traffic_; }

  // Prints the results as one line of JSON. The exit status of the program: 1 if anything failed.
  int report() const;

 private:
  enum class Phase { kWarmUp, kMeasuring, kOver };
  struct Usage {
    std::uint64_t time = 0;
    std::uint64_t own_cpu = 0;
    std::uint64_t server_cpu = 0;
    Traffic traffic = {};
  };
  Usage usage_at(std::uint64_t now) const;
  void next_phase(std::uint64_t now);

  const pid_t server_;
  const std::uint64_t measured_ns_;
  Phase phase_ = Phase::kWarmUp;
  std::uint64_t phase_ends_;
  std::uint64_t calls_ = 0;
  Histogram latency_;
  Traffic traffic_;
  Usage begin_;
  Usage end_;
  std::uint64_t errors_ = 0;
  std::string first_error_;
};

}  // namespace bench
