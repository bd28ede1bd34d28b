// bench-load: keeps a server busy with one workload and prints what a call cost, as JSON. One
// thread; checks every answer; its exit status is 1 if one was wrong.
#include <cstdio>
#include <exception>

#include "load/load.hpp"

int main(int argc, char** argv) {
  const auto options = bench::parse_options(argc, argv, "Loads a Cap'n Web server.");
  try {
    const bool is_idle = options.workload == "idle";
    bench::Load load(options, is_idle ? 1 : ~std::size_t{0});
    load.run();
    return is_idle ? load.report_idle() : load.meter().report();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench-load: %s\n", error.what());
    return 1;
  }
}
