// Who floods a loop through another one is not read for a while; everybody else is.
#include "unit/channel/flooded_hub.hpp"

namespace capnweb::testing {
namespace {

using BackPressure = FloodedHub;

TEST_F(BackPressure, CountsMessages) { flood_with_messages(); }

TEST_F(BackPressure, CountsBytes) { flood_with_bytes(); }

}  // namespace
}  // namespace capnweb::testing
