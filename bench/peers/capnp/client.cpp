// capnp-client: the load generator for capnp-server. Same calls, windows, checks and report as
// bench-load; Cap'n Proto's own client does the work.
#include <capnp/ez-rpc.h>

#include <cstdio>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "common/meter.hpp"
#include "common/options.hpp"
#include "common/process.hpp"
#include "service.capnp.h"

namespace {

class IncrementServer final : public Increment::Server {
  kj::Promise<void> call(CallContext call) override {
    call.getResults().setResult(call.getParams().getX() + 1);
    return kj::READY_NOW;
  }
};

class Load {
 public:
  explicit Load(const bench::Options& options)
      : options_(options), meter_(options), text_(options.size, 'a') {}

  int operator()() {
    capnp::ReaderOptions limits;
    limits.traversalLimitInWords = 1u << 30;
    std::vector<std::unique_ptr<capnp::EzRpcClient>> clients;
    std::vector<Service::Client> services;
    for (std::size_t i = 0; i < options_.connections; ++i) {
      clients.push_back(
          std::make_unique<capnp::EzRpcClient>("127.0.0.1", kj::uint{options_.port}, limits));
      services.push_back(clients.back()->getMain<Service>());
    }
    kj::Vector<kj::Promise<void>> calls;
    for (auto& service : services)
      for (std::size_t i = 0; i < options_.window; ++i) calls.add(keep_calling(service));
    kj::joinPromises(calls.releaseAsArray()).wait(clients.front()->getWaitScope());
    return meter_.report();
  }

 private:
  kj::Promise<void> keep_calling(Service::Client& service) {
    if (!meter_.may_start()) return kj::READY_NOW;
    const std::uint64_t started = bench::now_ns();
    return call(service).then(
        [this, &service, started](bool is_right) {
          if (!is_right) meter_.fail("wrong answer");
          meter_.finish_call(started, bench::now_ns());
          return keep_calling(service);
        },
        [this](kj::Exception&& error) { meter_.fail(error.getDescription().cStr()); });
  }

  kj::Promise<bool> call(Service::Client& service) {
    const std::uint64_t number = number_++;
    const std::string& workload = options_.workload;
    if (workload == "add") return add(service, number);
    if (workload == "echo") return echo(service);
    if (workload == "sum") return sum(service);
    if (workload == "list") return list(service);
    if (workload == "chain") return chain(service, number);
    if (workload == "callback") return callback(service, number);
    throw std::invalid_argument("no such workload: " + workload);
  }

  static kj::Promise<bool> add(Service::Client& service, std::uint64_t number) {
    const auto a = static_cast<double>(number % 1000);
    const auto b = static_cast<double>(number % 77);
    auto request = service.addRequest();
    request.setA(a);
    request.setB(b);
    return request.send().then([a, b](auto&& answer) { return answer.getResult() == a + b; });
  }

  kj::Promise<bool> echo(Service::Client& service) const {
    auto request = service.echoRequest();
    request.setText(text_);
    return request.send().then([this](auto&& answer) { return answer.getText() == text_.c_str(); });
  }

  static kj::Promise<bool> sum(Service::Client& service) {
    auto request = service.sumRequest();
    auto numbers = request.initNumbers(1000);
    for (kj::uint i = 0; i < numbers.size(); ++i) numbers.set(i, i % 2 == 0 ? i : i + 0.5);
    return request.send().then([](auto&& answer) { return answer.getResult() == 499750; });
  }

  static kj::Promise<bool> list(Service::Client& service) {
    return service.listRequest().send().then([](auto&& answer) {
      const auto items = answer.getItems();
      return items.size() == 100 && items[99].getId() == 99 && items[99].getName() == "item 99";
    });
  }

  static kj::Promise<bool> chain(Service::Client& service, std::uint64_t number) {
    auto request = service.authenticateRequest();
    request.setId(static_cast<std::int64_t>(number % 1000));
    auto profile = request.send().getUser().profileRequest().send().getProfile();
    return profile.nameRequest().send().then([number](auto&& answer) {
      return answer.getName() == ("user " + std::to_string(number % 1000)).c_str();
    });
  }

  static kj::Promise<bool> callback(Service::Client& service, std::uint64_t number) {
    const auto x = static_cast<double>(number % 1000);
    auto request = service.callMeRequest();
    request.setX(x);
    request.setFunction(kj::heap<IncrementServer>());
    return request.send().then([x](auto&& answer) { return answer.getResult() == x + 1; });
  }

  const bench::Options options_;
  bench::Meter meter_;
  const std::string text_;
  std::uint64_t number_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  const auto options = bench::parse_options(argc, argv, "Loads capnp-server.");
  try {
    return Load(options)();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "capnp-client: %s\n", error.what());
    return 1;
  }
}
