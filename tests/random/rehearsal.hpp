// rehearsal.hpp: what a random program gives when there is no session between.
#pragma once

#include <string>
#include <vector>

#include "random/program.hpp"

namespace capnweb::testing {

// The results of the program with a playground at hand: whoever holds a capability cannot tell
// where it is, so with one at a peer they must be the same.
std::vector<std::string> rehearse(const std::vector<Step>& program);

// "" if they are the same, else the first that differs.
std::string difference(const std::vector<std::string>& found,
                       const std::vector<std::string>& expected);

}  // namespace capnweb::testing
