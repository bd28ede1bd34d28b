// bench-client: the library's own client under load. add() on a WebSocket or over WebTransport, so
// many calls at a time; the report's client_cpu_ns is what one costs the caller.
#include <capnweb/capnweb.hpp>
#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#ifdef BENCH_WEBTRANSPORT
#include <capnweb/webtransport.hpp>
#endif

#include "common/meter.hpp"
#include "common/options.hpp"
#include "common/process.hpp"
#include "service/service.hpp"

namespace {

capnweb::Task<bool> keep_calling(capnweb::Stub<bench::Service> service, bench::Meter& meter) {
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

capnweb::Task<> load(bench::Options options, bench::Meter& meter) {
  const std::string scheme = options.certificate.empty() ? "ws" : "https";
  const std::string url = scheme + "://127.0.0.1:" + std::to_string(options.port) + options.path;
  const auto service = co_await capnweb::connect<bench::Service>(url, transport_of(options));
  std::vector<capnweb::Promise<bool>> callers;
  for (std::size_t i = 0; i < options.window; ++i)
    callers.push_back(capnweb::start(keep_calling(service, meter)));
  for (const auto& caller : callers) co_await caller;
}

}  // namespace

int main(int argc, char** argv) {
  const auto options =
      bench::parse_options(argc, argv, "Loads a server with the library's client.");
  try {
    bench::Meter meter(options);
    capnweb::run(load(options, meter));
    return meter.report();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench-client: %s\n", error.what());
    return 1;
  }
}
