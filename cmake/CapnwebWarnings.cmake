# Warnings for our own targets. They stand on a target that is linked privately and never exported,
# so that users of the library keep their own.
add_library(capnweb_warnings INTERFACE)
target_compile_options(capnweb_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wshadow
  $<$<BOOL:${CAPNWEB_WERROR}>:-Werror>)

# g++ 12 warns of overlapping copies in `"text" + std::string(...)`, where there are none
# (gcc.gnu.org/PR105651).
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  target_compile_options(capnweb_warnings INTERFACE -Wno-restrict)
endif()

# In a unity build our files are included, and g++ warns of what headers should not do.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_UNITY_BUILD)
  target_compile_options(capnweb_warnings INTERFACE -Wno-subobject-linkage)
endif()
