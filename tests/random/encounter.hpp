// encounter.hpp: two sessions joined in memory, and a random program at each end.
#pragma once

#include <string>
#include <vector>

#include "random/choices.hpp"
#include "random/program.hpp"

namespace capnweb::testing {

// Plays both programs, each against the other's playground; steps and messages come in an order
// that `choices` makes. Gives what is wrong at the end: a result that a playground at hand would
// not have given, a session that has ended, an entry that is left in a table; "" if nothing is.
std::string play_together(const std::vector<Step>& alices, const std::vector<Step>& bobs,
                          Choices& choices);

}  // namespace capnweb::testing
