# What concerns the whole build, and only when we are the top-level project: where binaries go, the
# sanitizers, and the faster tools when they are there.
if(NOT PROJECT_IS_TOP_LEVEL)
  return()
endif()

set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/bin")
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()

find_program(CAPNWEB_CCACHE ccache)
mark_as_advanced(CAPNWEB_CCACHE)
if(CAPNWEB_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${CAPNWEB_CCACHE}")
endif()

# Asked of the compiler, not of the PATH: g++ and each clang look for their linkers elsewhere.
include(CheckLinkerFlag)
foreach(linker IN ITEMS mold lld)
  check_linker_flag(CXX -fuse-ld=${linker} CAPNWEB_HAS_${linker})
  if(CAPNWEB_HAS_${linker})
    add_link_options(-fuse-ld=${linker})
    break()
  endif()
endforeach()

if(CAPNWEB_SANITIZE)
  add_compile_options(-fsanitize=${CAPNWEB_SANITIZE} -fno-sanitize-recover=all
                      -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${CAPNWEB_SANITIZE})
endif()
