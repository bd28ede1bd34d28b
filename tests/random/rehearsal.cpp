#include "random/rehearsal.hpp"

#include <algorithm>

#include "random/player.hpp"
#include "random/playground.hpp"
#include "support/object.hpp"

namespace capnweb::testing {

std::vector<std::string> rehearse(const std::vector<Step>& program) {
  Player player(hook_of(make_playground()));
  for (const Step& step : program) player.play(step);
  // Each round settles what the round before has made wait; a program that still waits after as
  // many as it has steps waits for ever, which its results tell.
  for (std::size_t round = 0; round <= program.size() + 2 && !player.is_done(); ++round) {
    player.finish();
    player.advance();
  }
  player.release();  // what it had kept may hold the playground
  return player.results();
}

std::string difference(const std::vector<std::string>& found,
                       const std::vector<std::string>& expected) {
  const auto size = std::min(found.size(), expected.size());
  for (std::size_t i = 0; i < size; ++i)
    if (found[i] != expected[i]) return found[i] + " instead of " + expected[i];
  if (found.size() == expected.size()) return "";
  return std::to_string(found.size()) + " results instead of " + std::to_string(expected.size());
}

}  // namespace capnweb::testing
