#include "session/flow_window.hpp"

#include <algorithm>

namespace capnweb::detail {

namespace {

constexpr double kStartGrowth = 2;
constexpr double kSteadyGrowth = 1.25;
constexpr double kDecay = 0.90;
constexpr int kRoundsToSteady = 3;

}  // namespace

FlowWindow::Sent FlowWindow::on_send(std::size_t size, double now) noexcept {
  in_flight_ += static_cast<double>(size);
  ++writes_;
  return {.size = size,
          .time = now,
          .delivered = delivered_,
          .delivered_time = delivered_time_,
          .window = window_,
          .was_full = in_flight_ >= window_};
}

void FlowWindow::on_failure(const Sent& sent) noexcept {
  in_flight_ -= static_cast<double>(sent.size);
  --writes_;
}

void FlowWindow::on_ack(const Sent& sent, double now) noexcept {
  on_failure(sent);
  delivered_ += static_cast<double>(sent.size);
  delivered_time_ = now;
  shortest_trip_ = std::min(shortest_trip_, now - sent.time);
  if (!first_ack_) {  // an interval needs two
    first_ack_ = {now, delivered_};
  } else if (sent.delivered_time) {
    adjust(sent, {*sent.delivered_time, sent.delivered}, now);
  } else {
    adjust(sent, *first_ack_, now);
  }
}

void FlowWindow::adjust(const Sent& sent, Delivery base, double now) noexcept {
  // A clock that has not moved says nothing; the reference divides by zero here.
  if (now <= base.time || shortest_trip_ <= 0) return;
  const double bandwidth = (delivered_ - base.bytes) / (now - base.time);
  const double growth = is_starting_ ? kStartGrowth : kSteadyGrowth;
  double window = std::min(bandwidth * shortest_trip_, sent.window) * growth;
  // Not faster down than a tenth a round trip, and not at all for a writer that did not fill it.
  window = std::max(window, sent.was_full ? sent.window * kDecay : window_);
  window_ = std::clamp(window, kLeast, kMost);
  if (is_starting_ && sent.time >= round_start_) count_round(now);
}

void FlowWindow::count_round(double now) noexcept {
  if (window_ > last_round_window_ * kSteadyGrowth) {
    rounds_without_growth_ = 0;
  } else if (++rounds_without_growth_ >= kRoundsToSteady) {
    is_starting_ = false;
  }
  round_start_ = now;
  last_round_window_ = window_;
}

}  // namespace capnweb::detail
