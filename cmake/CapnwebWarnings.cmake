# Warnings for our own targets. They stand on a target that is linked privately and never exported,
# so that users of the library keep their own.
add_library(capnweb_warnings INTERFACE)
target_compile_options(capnweb_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wshadow
  $<$<BOOL:${CAPNWEB_WERROR}>:-Werror>)
