# Sets CAPNWEB_HAS_COROUTINE_TRAP: whether this compiler destroys a temporary aggregate twice when
# co_await stands in the same full expression. Measured by running tests/compiler_trap/trap.cpp;
# where that cannot run (cross compiling), judged by the version.
if(DEFINED CAPNWEB_HAS_COROUTINE_TRAP)
  return()
endif()

if(CMAKE_CROSSCOMPILING AND NOT CMAKE_CROSSCOMPILING_EMULATOR)
  set(ran "FAILED_TO_RUN")
else()
  try_run(ran compiled
    "${PROJECT_BINARY_DIR}/CMakeFiles/coroutine_trap"
    "${PROJECT_SOURCE_DIR}/tests/compiler_trap/trap.cpp"
    CXX_STANDARD 20 CXX_STANDARD_REQUIRED ON)
endif()
if(ran EQUAL 0 OR ran EQUAL 1)
  set(has_trap ${ran})
elseif(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 12.3)
  set(has_trap 1)
else()
  set(has_trap 0)
endif()
set(CAPNWEB_HAS_COROUTINE_TRAP ${has_trap} CACHE INTERNAL
  "The compiler destroys temporaries in co_await expressions twice")
message(STATUS "Coroutine temporaries are destroyed twice: ${has_trap}")
