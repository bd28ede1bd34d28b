// histogram.hpp: how long calls took, without keeping each.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace bench {

// Counts values in buckets whose width is at most a 64th of their value: quantiles are right to
// 1.6 percent, and counting one costs some instructions.
class Histogram {
 public:
  void add(std::uint64_t value) {
    ++counts_[bucket_of(value)];
    ++total_;
  }

  // The lower bound of the bucket that holds the value which a fraction `q` of all lie below.
  std::uint64_t quantile(double q) const {
    auto rank = static_cast<std::uint64_t>(q * static_cast<double>(total_));
    for (std::size_t bucket = 0; bucket < counts_.size(); ++bucket) {
      if (rank < counts_[bucket]) return lower_bound_of(bucket);
      rank -= counts_[bucket];
    }
    return 0;
  }

  void clear() { *this = {}; }

 private:
  // Values below 64 have a bucket each; from there on every power of two has 64.
  static constexpr int kBits = 6;
  static constexpr std::size_t kPerPower = std::size_t{1} << kBits;

  static std::size_t bucket_of(std::uint64_t value) {
    if (value < kPerPower) return value;
    const int shift = 63 - std::countl_zero(value) - kBits;
    return static_cast<std::size_t>(shift) * kPerPower + (value >> shift);
  }
  static std::uint64_t lower_bound_of(std::size_t bucket) {
    if (bucket < 2 * kPerPower) return bucket;
    const std::size_t shift = bucket / kPerPower - 1;
    return (bucket - shift * kPerPower) << shift;
  }

  std::array<std::uint64_t, (64 - kBits + 1) * kPerPower> counts_{};
  std::uint64_t total_ = 0;
};

}  // namespace bench
