// lossy_link.hpp: one direction of a bad network, made of a seed.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <queue>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace network {

using Clock = std::chrono::steady_clock;

struct Quality {
  double loss = 0;           // the share of packets that never arrive
  double reordering = 0;     // the share that later ones overtake
  Clock::duration delay{0};  // of one way
  unsigned seed = 1;
};

// Takes packets and gives back those that arrive, when they do.
class LossyLink {
 public:
  explicit LossyLink(const Quality& quality) : quality_(quality), random_(quality.seed) {}

  void put(std::string_view packet, Clock::time_point now);
  // When the next one arrives.
  std::optional<Clock::time_point> next() const;
  // The next one, which next() says has arrived.
  std::string take();

  std::uint64_t packets() const noexcept { return packets_; }
  std::uint64_t lost() const noexcept { return lost_; }

 private:
  struct Packet {
    Clock::time_point due;
    std::uint64_t number;
    std::string bytes;

    // The greatest is the first to come; those of one moment keep their order.
    friend bool operator<(const Packet& a, const Packet& b) {
      return a.due != b.due ? a.due > b.due : a.number > b.number;
    }
  };
  double draw() { return std::uniform_real_distribution<double>(0, 1)(random_); }

  const Quality quality_;
  std::mt19937 random_;
  std::uint64_t packets_ = 0;
  std::uint64_t lost_ = 0;
  std::priority_queue<Packet> under_way_;
};

}  // namespace network
