// flow_window.hpp: how much of a stream may be on its way.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>

namespace capnweb::detail {

// Estimates, from when writes are acknowledged, how much the path to the reader holds (its
// bandwidth times its shortest round trip), and keeps a little more than that on the way: the
// reference's algorithm and constants (S-27 to S-31). Sizes in UTF-16 units, times in milliseconds
// of any steady clock. The peer knows nothing of it.
class FlowWindow {
 public:
  static constexpr double kInitial = 256 * 1024;
  static constexpr double kLeast = 64 * 1024;
  static constexpr double kMost = 1024 * 1024 * 1024;
  // Small writes in numbers would fill the peer's tables before they fill a window of bytes.
  static constexpr std::size_t kMostWrites = 10'000;

  // What is remembered of a write until it is acknowledged.
  struct Sent {
    std::size_t size = 0;
    double time = 0;
    double delivered = 0;
    std::optional<double> delivered_time;
    double window = 0;
    bool was_full = false;
  };

  Sent on_send(std::size_t size, double now) noexcept;
  void on_ack(const Sent& sent, double now) noexcept;
  // A write that failed gives its share back and teaches nothing (S-31).
  void on_failure(const Sent& sent) noexcept;

  // Whether the writer has to wait. A write is made all the same, so the window may be exceeded by
  // one (S-29).
  bool is_full() const noexcept { return in_flight_ >= window_ || writes_ >= kMostWrites; }
  double size() const noexcept { return window_; }
  double in_flight() const noexcept { return in_flight_; }

 private:
  struct Delivery {
    double time = 0;
    double bytes = 0;
  };
  void adjust(const Sent& sent, Delivery base, double now) noexcept;
  void count_round(double now) noexcept;

  double window_ = kInitial;
  double in_flight_ = 0;
  std::size_t writes_ = 0;
  double delivered_ = 0;
  std::optional<double> delivered_time_;
  std::optional<Delivery> first_ack_;
  double shortest_trip_ = std::numeric_limits<double>::infinity();
  // Until the window has stopped growing for some round trips.
  bool is_starting_ = true;
  int rounds_without_growth_ = 0;
  double last_round_window_ = 0;
  double round_start_ = 0;
};

}  // namespace capnweb::detail
