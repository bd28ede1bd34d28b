#include "load/load.hpp"

#include <algorithm>
#include <cstdio>
#include <stdexcept>

#include "common/process.hpp"

namespace bench {

namespace {

// So that no server's queue of new connections overflows.
constexpr std::size_t kConnectTogether = 64;

}  // namespace

Load::Load(const Options& options, std::size_t calls_per_connection)
    : options_(options),
      workload_(make_workload(options.workload, options.size)),
      meter_(options),
      run_{options_, *workload_, meter_, poller_, calls_per_connection},
      resident_before_(resident_bytes(options.server)) {}

void Load::run() {
  while (clients_.size() < options_.connections) connect_some();
  for (auto& client : clients_) client->start();
  const auto is_busy = [](const auto& client) {
    return client->calls_under_way() != 0 && !client->is_lost();
  };
  while (std::any_of(clients_.begin(), clients_.end(), is_busy)) poller_.wait(-1);
}

void Load::connect_some() {
  const std::size_t begin = clients_.size();
  const std::size_t end = std::min(begin + kConnectTogether, options_.connections);
  while (clients_.size() < end)
    clients_.push_back(options_.workload == "batch" ? make_batch_client(run_)
                                                    : make_websocket_client(run_));
  const auto is_open = [this](const auto& client) {
    if (client->is_lost()) throw std::runtime_error("cannot connect: " + meter_.first_error());
    return client->is_open();
  };
  while (
      !std::all_of(clients_.begin() + static_cast<std::ptrdiff_t>(begin), clients_.end(), is_open))
    poller_.wait(-1);
}

int Load::report_idle() {
  const std::uint64_t until = now_ns() + static_cast<std::uint64_t>(options_.seconds * 1e9);
  const std::uint64_t cpu_before = cpu_time_ns(options_.server);
  while (now_ns() < until) poller_.wait(50);
  const double resident =
      static_cast<double>(resident_bytes(options_.server)) - static_cast<double>(resident_before_);
  std::printf(
      "{\"connections\":%zu,\"bytes_per_connection\":%.0f,\"idle_cpu_ns\":%.0f,\"errors\":%llu}\n",
      clients_.size(), resident / static_cast<double>(clients_.size()),
      static_cast<double>(cpu_time_ns(options_.server) - cpu_before),
      static_cast<unsigned long long>(meter_.errors()));
  return meter_.errors() == 0 ? 0 : 1;
}

}  // namespace bench
