// options.hpp: the command line that all clients of the benchmarks share.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <string>

namespace bench {

struct Options {
  std::string host = "127.0.0.1";  // bench-client only
  std::uint16_t port = 0;
  std::string path = "/rpc";
  std::string workload = "add";
  std::size_t connections = 1;
  std::size_t window = 1;        // calls under way on each connection
  std::size_t size = 1024;       // bytes that echo, stream and frames carry
  std::size_t batch_calls = 10;  // calls in one HTTP request
  double seconds = 1;            // that are measured
  double warmup = 0.2;           // seconds before that
  bool gather = true;            // one send for all messages of a turn, else one for each
  std::string certificate = {};  // its SHA-256: over WebTransport; bench-client only
  pid_t server = 0;              // the process whose CPU time and memory are reported; 0: none
};

// Ends the program with a message when the command line makes no sense.
Options parse_options(int argc, char** argv, const std::string& what);

}  // namespace bench
