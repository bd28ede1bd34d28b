// bench-load: keeps a server busy with one workload and prints what a call cost, as JSON. One
// thread; checks every answer; its exit status is 1 if one was wrong.
#include <algorithm>
#include <cstdio>
#include <exception>
#include <memory>
#include <stdexcept>
#include <vector>

#include "common/process.hpp"
#include "load/client.hpp"

namespace bench {
namespace {

// So that no server's queue of new connections overflows.
constexpr std::size_t kConnectTogether = 64;

class Load {
 public:
  explicit Load(const Options& options)
      : options_(options),
        workload_(make_workload(options.workload, options.size)),
        meter_(options),
        run_{options_, *workload_, meter_, poller_, is_idle() ? 1 : ~std::size_t{0}} {}

  int operator()() {
    const std::uint64_t resident = resident_bytes(options_.server);
    while (clients_.size() < options_.connections) connect_some();
    for (auto& client : clients_) client->start();
    while (std::any_of(clients_.begin(), clients_.end(), [](const auto& client) {
      return client->calls_under_way() != 0 && !client->is_lost();
    }))
      poller_.wait(-1);
    return is_idle() ? report_idle(resident) : meter_.report();
  }

 private:
  bool is_idle() const { return options_.workload == "idle"; }

  void connect_some() {
    const std::size_t begin = clients_.size();
    const std::size_t end = std::min(begin + kConnectTogether, options_.connections);
    while (clients_.size() < end)
      clients_.push_back(options_.workload == "batch" ? make_batch_client(run_)
                                                      : make_websocket_client(run_));
    const auto all_open = [&] {
      return std::all_of(clients_.begin() + static_cast<std::ptrdiff_t>(begin), clients_.end(),
                         [](const auto& client) {
                           if (client->is_lost()) throw std::runtime_error("cannot connect");
                           return client->is_open();
                         });
    };
    while (!all_open()) poller_.wait(-1);
  }

  // Every connection stands and has made one call: what does one take?
  int report_idle(std::uint64_t resident_before) {
    const std::uint64_t until = now_ns() + static_cast<std::uint64_t>(options_.seconds * 1e9);
    const std::uint64_t cpu_before = cpu_time_ns(options_.server);
    while (now_ns() < until) poller_.wait(50);
    const double resident =
        static_cast<double>(resident_bytes(options_.server)) - static_cast<double>(resident_before);
    const auto lost = std::count_if(clients_.begin(), clients_.end(),
                                    [](const auto& client) { return client->is_lost(); });
    std::printf(
        "{\"connections\":%zu,\"bytes_per_connection\":%.0f,\"idle_cpu_ns\":%.0f,\"errors\":%td}\n",
        clients_.size(), resident / static_cast<double>(clients_.size()),
        static_cast<double>(cpu_time_ns(options_.server) - cpu_before), lost);
    return lost == 0 ? 0 : 1;
  }

  const Options options_;
  const std::unique_ptr<const Workload> workload_;
  Meter meter_;
  Poller poller_;
  Run run_;
  std::vector<std::unique_ptr<Client>> clients_;
};

}  // namespace
}  // namespace bench

int main(int argc, char** argv) {
  const auto options = bench::parse_options(argc, argv, "Loads a Cap'n Web server.");
  try {
    return bench::Load(options)();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench-load: %s\n", error.what());
    return 1;
  }
}
