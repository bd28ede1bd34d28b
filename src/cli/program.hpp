// program.hpp: the program capnweb.
#pragma once

namespace capnweb {

// Runs it and gives its exit code: 0 done, 1 it did not work, 2 wrong arguments.
int run_program(int argc, const char* const* argv);

}  // namespace capnweb
