#include "cli/program.hpp"

int main(int argc, char** argv) { return capnweb::run_program(argc, argv); }
