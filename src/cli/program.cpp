#include "cli/program.hpp"

#include <CLI/CLI.hpp>
#include <exception>
#include <iostream>

#include "cli/verbs.hpp"

namespace capnweb {

int run_program(int argc, const char* const* argv) {
  constexpr int kFailed = 1;
  constexpr int kWrongArguments = 2;

  CLI::App app("Cap'n Web at the command line.", "capnweb");
  app.set_version_flag("--version", "capnweb " CAPNWEB_VERSION);
  app.require_subcommand(0, 1);
  Action chosen;
  add_proxy_verb(app, chosen);
#ifdef CAPNWEB_WITH_WEBTRANSPORT
  add_cert_verb(app, chosen);
#endif
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    // Help and version come this way, too.
    return app.exit(error) == 0 ? 0 : kWrongArguments;
  }
  if (!chosen) {
    std::cerr << app.help();
    return kWrongArguments;
  }
  try {
    chosen();
    return 0;
  } catch (const std::exception& error) {
    std::cerr << "capnweb: " << error.what() << '\n';
    return kFailed;
  }
}

}  // namespace capnweb
