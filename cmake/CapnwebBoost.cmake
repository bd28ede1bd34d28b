# Boost, headers only, for the net room. Asio and Beast are compiled once, in src/net; these
# definitions tell every user of their headers so.
if(POLICY CMP0167)
  cmake_policy(SET CMP0167 NEW)
endif()
# GLOBAL: a project that takes us in by add_subdirectory links these, too.
find_package(Boost 1.81 REQUIRED GLOBAL)
find_package(Threads REQUIRED GLOBAL)

set(CAPNWEB_BOOST_DEFINITIONS
  BOOST_ASIO_SEPARATE_COMPILATION
  BOOST_BEAST_SEPARATE_COMPILATION)
