# capnweb_room(<room> <source>...) compiles a folder under src/ once, as the OBJECT library
# capnweb_<room>. A room without sources is no target.
function(capnweb_room room)
  if(NOT ARGN)
    return()
  endif()
  add_library(capnweb_${room} OBJECT ${ARGN})
  target_compile_features(capnweb_${room} PUBLIC cxx_std_20)
  target_include_directories(capnweb_${room} PUBLIC
    "${capnweb_SOURCE_DIR}/include" "${capnweb_SOURCE_DIR}/src")
  target_link_libraries(capnweb_${room} PRIVATE capnweb_warnings)
  if(BUILD_SHARED_LIBS)
    set_target_properties(capnweb_${room} PROPERTIES POSITION_INDEPENDENT_CODE ON)
  endif()
endfunction()

# capnweb_add_rooms(<target> <room>...) puts the rooms' objects into a library or an executable.
# Objects are not followed from room to room: who wants a room names the floors below it, too, and
# a room that calls upwards does not link.
function(capnweb_add_rooms target)
  foreach(room IN LISTS ARGN)
    if(TARGET capnweb_${room})
      target_sources(${target} PRIVATE $<TARGET_OBJECTS:capnweb_${room}>)
    endif()
  endforeach()
endfunction()
