// random-client: plays a random program against the playground behind a WebSocket. It ends well if
// each result is the one that a playground at hand gives, and the tables are empty in the end.
#include <capnweb/capnweb.hpp>
#include <cstdlib>
#include <iostream>
#include <stdexcept>
#include <string>

#include "random/player.hpp"
#include "random/rehearsal.hpp"

namespace {

using capnweb::Session;
using capnweb::testing::Player;
using capnweb::testing::SeededChoices;
using Program = std::vector<capnweb::testing::Step>;

constexpr std::size_t kSteps = 2000;
// Round trips that results and releases may take, streams among them, before something hangs.
constexpr int kMostTrips = 500;

capnweb::Task<> round_trip(const Session& session) {
  const auto pong = session.remote_main().call("add", 0, 0);
  co_await pong;
}

void expect(bool holds, const std::string& what) {
  if (!holds) throw std::runtime_error(what);
}

capnweb::Task<> play(std::string url, const Program& program, SeededChoices& choices,
                     const std::vector<std::string>& expected) {
  const Session session = capnweb::connect_session(url);
  Player player(session.remote_main().hook());
  for (const auto& step : program) {
    player.play(step);
    if (choices.below(8) > 0) continue;
    co_await round_trip(session);
    player.advance();
  }
  for (int trip = 0; trip < kMostTrips && !player.is_done(); ++trip) {
    player.finish();
    co_await round_trip(session);
    player.advance();
  }
  const std::string difference = capnweb::testing::difference(player.results(), expected);
  expect(difference.empty(), difference);

  player.release();
  const Session::Stats idle{.imports = 1, .exports = 1};
  for (int trip = 0; trip < kMostTrips && session.stats() != idle; ++trip) {
    player.finish();
    co_await round_trip(session);
  }
  const auto [imports, exports, calls] = session.stats();
  expect(session.stats() == idle, std::to_string(imports) + " imports, " + std::to_string(exports) +
                                      " exports and " + std::to_string(calls) + " calls are left");
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: random-client URL SEED\n";
    return 2;
  }
  try {
    SeededChoices choices(static_cast<unsigned>(std::strtoul(argv[2], nullptr, 10)));
    const Program program =
        capnweb::testing::make_program(choices, kSteps, capnweb::testing::Partner::kReference);
    const auto expected = capnweb::testing::rehearse(program);
    capnweb::run(play(argv[1], program, choices, expected));
    return 0;
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}
