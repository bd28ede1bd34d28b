// bench-client: the library's own client under load, on WebSockets or over WebTransport. Calls of
// add(), or strings for take(), so many at a time; or connections that do nothing. The report's
// client_cpu_ns is what a call costs the caller.
#include <capnweb/capnweb.hpp>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <string>
#include <utility>
#include <vector>

#ifdef BENCH_WEBTRANSPORT
#include <capnweb/webtransport.hpp>
#endif

#include "common/meter.hpp"
#include "common/options.hpp"
#include "common/process.hpp"
#include "service/service.hpp"

namespace {

using Service = capnweb::Stub<bench::Service>;

capnweb::Task<bool> keep_adding(Service service, bench::Meter& meter) {
  for (std::uint64_t number = 0; meter.may_start(); ++number) {
    const auto a = static_cast<double>(number % 1000);
    const auto b = static_cast<double>(number % 77);
    const std::uint64_t started = bench::now_ns();
    const double sum = co_await service->add(a, b);
    if (sum != a + b) meter.fail("wrong answer");
    meter.finish_call(started, bench::now_ns());
  }
  co_return true;
}

capnweb::Task<bool> keep_giving(Service service, bench::Meter& meter, std::string text) {
  while (meter.may_start()) {
    const std::uint64_t started = bench::now_ns();
    const double size = co_await service->take(text);
    if (size != static_cast<double>(text.size())) meter.fail("wrong answer");
    meter.finish_call(started, bench::now_ns());
  }
  co_return true;
}

capnweb::Task<bool> keep_calling(Service service, bench::Meter& meter,
                                 const bench::Options& options) {
  if (options.workload == "add") return keep_adding(std::move(service), meter);
  if (options.workload == "take")
    return keep_giving(std::move(service), meter, std::string(options.size, 'x'));
  throw capnweb::Error("bench-client does not know " + options.workload);
}

capnweb::ConnectOptions transport_of(const bench::Options& options) {
  capnweb::ConnectOptions connect;
#ifdef BENCH_WEBTRANSPORT
  if (!options.certificate.empty())
    connect.transport = capnweb::webtransport(
        {.certificate_hashes = {capnweb::CertificateHash::from_hex(options.certificate)}});
#else
  if (!options.certificate.empty()) throw capnweb::Error("this build has no WebTransport");
#endif
  return connect;
}

// As many sessions as there are connections.
capnweb::Task<std::vector<Service>> connect_all(const bench::Options& options) {
  const std::string scheme = options.certificate.empty() ? "ws" : "https";
  const std::string url =
      scheme + "://" + options.host + ":" + std::to_string(options.port) + options.path;
  const capnweb::ConnectOptions connect = transport_of(options);
  std::vector<Service> services;
  while (services.size() < options.connections)
    services.push_back(co_await capnweb::connect<bench::Service>(url, connect));
  co_return services;
}

capnweb::Task<> load(const bench::Options& options, bench::Meter& meter) {
  const std::vector<Service> services = co_await connect_all(options);
  std::vector<capnweb::Promise<bool>> callers;
  for (const Service& service : services)
    for (std::size_t i = 0; i < options.window; ++i)
      callers.push_back(capnweb::start(keep_calling(service, meter, options)));
  for (const auto& caller : callers) co_await caller;
}

// Each has had one call. What they hold when nothing has happened for a while.
capnweb::Task<> stay_idle(const bench::Options& options) {
  const std::uint64_t before = bench::resident_bytes(options.server);
  const std::vector<Service> services = co_await connect_all(options);
  for (const Service& service : services) co_await service->add(5, 3);
  co_await capnweb::sleep_for(std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::duration<double>(options.seconds)));
  const auto resident = static_cast<double>(bench::resident_bytes(options.server) - before);
  std::printf("{\"connections\":%zu,\"bytes_per_connection\":%.0f}\n", services.size(),
              resident / static_cast<double>(services.size()));
}

int run(const bench::Options& options) {
  if (options.workload == "idle") {
    capnweb::run(stay_idle(options));
    return 0;
  }
  bench::Meter meter(options);
  capnweb::run(load(options, meter));
  return meter.report();
}

}  // namespace

int main(int argc, char** argv) {
  const auto options =
      bench::parse_options(argc, argv, "Loads a server with the library's client.");
  try {
    return run(options);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench-client: %s\n", error.what());
    return 1;
  }
}
