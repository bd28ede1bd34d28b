// bench-server: the service that the benchmarks call, as WebSocket and HTTP batch on /rpc, and over
// WebTransport if asked.
#include <CLI/CLI.hpp>
#include <exception>
#include <iostream>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#ifdef BENCH_WEBTRANSPORT
#include <capnweb/webtransport.hpp>
#endif

#include "service/service.hpp"

namespace {

#ifdef BENCH_WEBTRANSPORT
using Listener = capnweb::WebTransportListener;

Listener listen(capnweb::Server& server) {
  Listener listener(server);
  std::cout << "webtransport on " << listener.port() << " sha256 "
            << listener.certificate().hash().to_hex() << std::endl;
  return listener;
}
#else
struct Listener {};

Listener listen(capnweb::Server&) { throw capnweb::Error("this build has no WebTransport"); }
#endif

capnweb::Server start_server(const std::string& host, std::uint16_t port, bool shares_port) {
  // One for all sessions: its methods change nothing.
  static const auto kService = std::make_shared<bench::Service>();
  capnweb::ServerOptions options{.host = host, .port = port, .reuse_port = shares_port};
  // The load keeps its connections for as long as a run lasts.
  options.http.max_requests_per_connection = std::numeric_limits<std::size_t>::max();
  return {std::move(options), [] { return kService; }};
}

// The first thread's server tells the others which port it is; it alone has WebTransport.
void serve(const std::string& host, std::uint16_t port, int threads, bool webtransport) {
  capnweb::Loop loop;
  capnweb::Server server = start_server(host, port, threads > 1);
  std::vector<std::jthread> others;
  for (int i = 1; i < threads; ++i)
    others.emplace_back([&host, chosen = server.port()] {
      capnweb::Loop other_loop;
      const capnweb::Server other = start_server(host, chosen, true);
      other_loop.run();
    });
  std::cout << "listening on " << server.port() << std::endl;
  std::optional<Listener> listener;
  if (webtransport) listener = listen(server);
  loop.run();
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Serves what the benchmarks call.");
  std::string host = "127.0.0.1";
  std::uint16_t port = 0;
  int threads = 1;
  bool webtransport = false;
  app.add_option("--host", host, "the address to listen on")->capture_default_str();
  app.add_option("--port", port, "0 takes one that is free");
  app.add_option("--threads", threads, "loops that share the port")->check(CLI::Range(1, 256));
  app.add_flag("--webtransport", webtransport, "serves WebTransport, too, on a free port");
  CLI11_PARSE(app, argc, argv);
  try {
    serve(host, port, threads, webtransport);
  } catch (const std::exception& error) {
    std::cerr << "bench-server: " << error.what() << '\n';
    return 1;
  }
}
