// Who floods a loop through another one is not read for a while; everybody else is.
#include "unit/channel/flooded_hub.hpp"

namespace capnweb::testing {
namespace {

using BackPressure = FloodedHub;

TEST_F(BackPressure, CountsMessages) {
  flood(20'000, "", ChannelLink::kFullCount / 2);  // each call is pulled as well
}

TEST_F(BackPressure, CountsBytes) {
  const std::string text(16 * 1024, 'x');
  flood(2000, text, ChannelLink::kFullSize / text.size());
}

}  // namespace
}  // namespace capnweb::testing
