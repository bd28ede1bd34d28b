#include "network/lossy_link.hpp"

namespace network {

namespace {

constexpr std::chrono::milliseconds kOvertaken{3};
// As many bytes as a fast sender has in 20 ms; what is beyond that is lost, as in any router.
constexpr std::size_t kMostUnderWay = 20'000;

}  // namespace

void LossyLink::put(std::string_view packet, Clock::time_point now) {
  ++packets_;
  const bool is_lost = draw() < quality_.loss;
  const bool is_overtaken = draw() < quality_.reordering;
  if (is_lost || under_way_.size() == kMostUnderWay) {
    ++lost_;
    return;
  }
  const Clock::time_point due =
      now + quality_.delay + (is_overtaken ? kOvertaken : Clock::duration::zero());
  under_way_.push({due, packets_, std::string(packet)});
}

std::optional<Clock::time_point> LossyLink::next() const {
  if (under_way_.empty()) return std::nullopt;
  return under_way_.top().due;
}

std::string LossyLink::take() {
  std::string bytes = under_way_.top().bytes;
  under_way_.pop();
  return bytes;
}

}  // namespace network
