// interop-client: plays one scenario of scenarios.mjs against servers that run already. The runner
// starts it; see harness/drivers.mjs.
#include <capnweb/loop.hpp>
#include <iostream>
#include <span>
#include <string>
#include <vector>

#ifdef INTEROP_WEBTRANSPORT
#include <capnweb/webtransport.hpp>
#endif

#include "client/context.hpp"

namespace interop {

namespace {

const Scenario* find_scenario(std::string_view name) {
  for (const auto scenarios :
       {value_scenarios(), call_scenarios(), pipeline_scenarios(), map_scenarios(),
        reference_scenarios(), stream_scenarios(), ending_scenarios()})
    for (const Scenario& scenario : scenarios)
      if (scenario.name == name) return &scenario;
  return nullptr;
}

// One call that must fail; prints the name and the text of its error.
Task<> call_once(std::string url) {
  const Api api = co_await capnweb::connect<TestTarget>(url);
  const Error error = co_await rejection(api->square(3));
  std::cout << error.name() << '\n' << error.message();
}

// Servers are known by the hashes of their certificates, if there are any.
capnweb::ConnectOptions options_of(std::span<const std::string> hashes) {
  capnweb::ConnectOptions options;
#ifdef INTEROP_WEBTRANSPORT
  capnweb::WebTransportClientOptions pinned;
  for (const std::string& hash : hashes)
    pinned.certificate_hashes.push_back(capnweb::CertificateHash::from_hex(hash));
  if (!hashes.empty()) options.transport = capnweb::webtransport(std::move(pinned));
#else
  if (!hashes.empty()) complain("this build has no WebTransport");
#endif
  return options;
}

int play(const std::vector<std::string>& arguments) {
  if (arguments.size() == 2 && arguments[0] == "call_once") {
    capnweb::run(call_once(arguments[1]));
    return 0;
  }
  if (arguments.size() < 6) {
    std::cerr
        << "usage: interop-client SCENARIO MAIN_URL OTHER_URL NOBODY_URL UNIQUE VALUE [HASH...]\n"
           "       interop-client call_once URL\n";
    return 2;
  }
  const Scenario* scenario = find_scenario(arguments[0]);
  if (!scenario) complain("there is no scenario " + arguments[0]);
  Context context{.main_url = arguments[1],
                  .other_url = arguments[2],
                  .nobody_url = arguments[3],
                  .unique = arguments[4],
                  .with = arguments[5],
                  .options = options_of(std::span(arguments).subspan(6))};
  capnweb::run(scenario->play(context));
  return 0;
}

}  // namespace

}  // namespace interop

int main(int argc, char** argv) {
  try {
    return interop::play(std::vector<std::string>(argv + 1, argv + argc));
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}
