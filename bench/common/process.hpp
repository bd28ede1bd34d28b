// process.hpp: what a process has used so far, seen from outside.
#pragma once

#include <sys/types.h>

#include <cstdint>

namespace bench {

std::uint64_t now_ns();

// CPU time of all threads in nanoseconds; 0 for a process that is not there. 0 is ourselves.
std::uint64_t cpu_time_ns(pid_t process);

// Bytes of memory that are resident; 0 for a process that is not there.
std::uint64_t resident_bytes(pid_t process);

}  // namespace bench
