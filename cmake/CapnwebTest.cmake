# capnweb_test(<name> ROOMS <room>... [LINK <target>...] SOURCES <file>...)
#
# A GoogleTest executable and one ctest entry for all of it: a process per test would cost more
# than the tests. `ROOMS` are the floors it stands on. Because only those are linked, a room that
# calls upwards fails here, and a room's tests build while a higher room does not.
function(capnweb_test name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "ROOMS;LINK;SOURCES")
  if(NOT arg_SOURCES)
    return()
  endif()
  add_executable(${name} ${arg_SOURCES})
  capnweb_add_rooms(${name} ${arg_ROOMS})
  target_compile_features(${name} PRIVATE cxx_std_20)
  target_include_directories(${name} PRIVATE
    "${capnweb_SOURCE_DIR}/include" "${capnweb_SOURCE_DIR}/src" "${capnweb_SOURCE_DIR}/tests")
  # Tests run in milliseconds; -O3 would cost them a third more to compile.
  target_compile_options(${name} PRIVATE $<$<CONFIG:Release>:-O1>)
  target_link_libraries(${name} PRIVATE
    ${arg_LINK} GTest::gtest GTest::gmock GTest::gtest_main capnweb_warnings)
  add_test(NAME ${name} COMMAND ${name})
  set_tests_properties(${name} PROPERTIES TIMEOUT 300)
endfunction()
