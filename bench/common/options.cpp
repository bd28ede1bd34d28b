#include "common/options.hpp"

#include <CLI/CLI.hpp>
#include <cstdlib>

namespace bench {

Options parse_options(int argc, char** argv, const std::string& what) {
  Options options;
  CLI::App app(what);
  app.add_option("--host", options.host, "address of the server; bench-client")
      ->capture_default_str();
  app.add_option("--port", options.port, "port of the server")->required();
  app.add_option("--path", options.path, "path of the server's URL")->capture_default_str();
  app.add_option(
         "--workload", options.workload,
         "add, echo, sum, list, chain, callback, stream, batch, frames or idle; bench-client "
         "has add, take and idle")
      ->capture_default_str();
  app.add_option("--connections", options.connections, "how many")->capture_default_str();
  app.add_option("--window", options.window, "calls under way on each")->capture_default_str();
  app.add_option("--size", options.size, "bytes of a payload")->capture_default_str();
  app.add_option("--batch-calls", options.batch_calls, "calls in a batch")->capture_default_str();
  app.add_option("--seconds", options.seconds, "time to measure")->capture_default_str();
  app.add_option("--warmup", options.warmup, "time before that")->capture_default_str();
  app.add_flag("!--no-gather", options.gather, "one system call for each message");
  app.add_option("--webtransport", options.certificate,
                 "over WebTransport, to a server with a certificate of this SHA-256; bench-client");
  app.add_option("--server-pid", options.server, "whose CPU time and memory to report");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    std::exit(app.exit(error));
  }
  return options;
}

}  // namespace bench
