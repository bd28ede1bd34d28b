#include "common/meter.hpp"

#include <algorithm>
#include <cstdio>

#include "common/process.hpp"

namespace bench {

namespace {

std::uint64_t to_ns(double seconds) { return static_cast<std::uint64_t>(seconds * 1e9); }

// Printable, without what JSON would need escaped.
std::string harmless(std::string_view text) {
  std::string clean(text.substr(0, 200));
  std::replace_if(
      clean.begin(), clean.end(),
      [](unsigned char c) { return c < 0x20 || c >= 0x7f || c == '"' || c == '\\'; }, '\'');
  return clean;
}

}  // namespace

Meter::Meter(const Options& options)
    : server_(options.server),
      measured_ns_(to_ns(options.seconds)),
      phase_ends_(now_ns() + to_ns(options.warmup)) {}

Meter::Usage Meter::usage_at(std::uint64_t now) const {
  return {.time = now,
          .own_cpu = cpu_time_ns(0),
          .server_cpu = server_ == 0 ? 0 : cpu_time_ns(server_),
          .traffic = traffic_};
}

void Meter::finish_call(std::uint64_t started, std::uint64_t now) {
  if (phase_ == Phase::kMeasuring) {
    ++calls_;
    latency_.add(now - started);
  }
  if (now >= phase_ends_) next_phase(now);
}

void Meter::next_phase(std::uint64_t now) {
  if (phase_ == Phase::kWarmUp) {
    phase_ = Phase::kMeasuring;
    phase_ends_ = now + measured_ns_;
    begin_ = usage_at(now);
  } else if (phase_ == Phase::kMeasuring) {
    phase_ = Phase::kOver;
    end_ = usage_at(now);
  }
}

void Meter::fail(std::string_view what) {
  if (errors_++ == 0) first_error_ = harmless(what);
}

int Meter::report() const {
  const bool is_complete = phase_ == Phase::kOver && calls_ != 0 && errors_ == 0;
  const double calls = calls_ == 0 ? 1 : static_cast<double>(calls_);
  const auto per_call = [calls](std::uint64_t begin, std::uint64_t end) {
    return static_cast<double>(end - begin) / calls;
  };
  const double seconds = static_cast<double>(end_.time - begin_.time) / 1e9;
  const auto microseconds = [this](double q) {
    return static_cast<double>(latency_.quantile(q)) / 1e3;
  };
  const Traffic& before = begin_.traffic;
  const Traffic& after = end_.traffic;
  std::printf("{\"calls\":%llu,\"calls_per_s\":%.0f,", static_cast<unsigned long long>(calls_),
              is_complete ? calls / seconds : 0);
  std::printf("\"p50_us\":%.1f,\"p99_us\":%.1f,", microseconds(0.5), microseconds(0.99));
  if (server_ != 0)
    std::printf("\"server_cpu_ns\":%.1f,", per_call(begin_.server_cpu, end_.server_cpu));
  std::printf("\"client_cpu_ns\":%.1f,", per_call(begin_.own_cpu, end_.own_cpu));
  if (after.sends != 0)
    std::printf("\"bytes_sent\":%.2f,\"bytes_received\":%.2f,\"sends\":%.4f,\"receives\":%.4f,",
                per_call(before.bytes_sent, after.bytes_sent),
                per_call(before.bytes_received, after.bytes_received),
                per_call(before.sends, after.sends), per_call(before.receives, after.receives));
  std::printf("\"errors\":%llu,\"first_error\":\"%s\"}\n",
              static_cast<unsigned long long>(errors_ + (is_complete || errors_ ? 0 : 1)),
              first_error_.c_str());
  std::fflush(stdout);
  return is_complete ? 0 : 1;
}

}  // namespace bench
