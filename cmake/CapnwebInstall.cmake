# The installed package: libraries, headers, find_package(capnweb) and pkg-config.
include(CMakePackageConfigHelpers)
set(package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/capnweb")

# install_library(<target> <component of the package>)
function(install_library target component)
  install(TARGETS ${target} EXPORT capnweb-${component}
    ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}"
    LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}"
    RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}"
    FILE_SET HEADERS DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")
  install(EXPORT capnweb-${component} NAMESPACE capnweb:: FILE capnweb-${component}.cmake
    DESTINATION "${package_dir}")
endfunction()

# install_pkg_config(<name> <what it requires> <its libraries> <its flags>)
function(install_pkg_config name requires libs cflags)
  # Relative to the file, so that the prefix may be chosen or moved later.
  file(RELATIVE_PATH up "${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig" "${CMAKE_INSTALL_PREFIX}")
  string(REGEX REPLACE "/$" "" up "${up}")
  cmake_path(APPEND libdir "\${prefix}" "${CMAKE_INSTALL_LIBDIR}")
  cmake_path(APPEND includedir "\${prefix}" "${CMAKE_INSTALL_INCLUDEDIR}")
  configure_file("${PROJECT_SOURCE_DIR}/cmake/pkg-config.pc.in"
    "${PROJECT_BINARY_DIR}/${name}.pc" @ONLY)
  install(FILES "${PROJECT_BINARY_DIR}/${name}.pc"
    DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
endfunction()

install_library(capnweb_core core)
install_pkg_config(capnweb-core "" "-lcapnweb-core" "")
if(CAPNWEB_BUILD_NET)
  install_library(capnweb_capnweb capnweb)
  list(TRANSFORM CAPNWEB_BOOST_DEFINITIONS PREPEND "-D" OUTPUT_VARIABLE flags)
  list(JOIN flags " " flags)
  install_pkg_config(capnweb "capnweb-core" "-lcapnweb -pthread" "${flags} -pthread")
endif()
if(TARGET capnweb_program)
  install(TARGETS capnweb_program RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}")
endif()
if(CAPNWEB_HAS_QUIC)
  install_library(capnweb_webtransport webtransport)
  install_pkg_config(capnweb-webtransport
    "capnweb, libngtcp2, libngtcp2_crypto_gnutls, libnghttp3, gnutls" "-lcapnweb-webtransport" "")
  # For pages.
  install(FILES
    "${PROJECT_SOURCE_DIR}/js/capnweb-webtransport.js"
    "${PROJECT_SOURCE_DIR}/js/capnweb-webtransport.d.ts"
    DESTINATION "${CMAKE_INSTALL_DATADIR}/capnweb")
endif()

configure_package_config_file("${PROJECT_SOURCE_DIR}/cmake/capnwebConfig.cmake.in"
  "${PROJECT_BINARY_DIR}/capnwebConfig.cmake"
  INSTALL_DESTINATION "${package_dir}")
# Before 1.0 every minor version may break its users.
write_basic_package_version_file("${PROJECT_BINARY_DIR}/capnwebConfigVersion.cmake"
  COMPATIBILITY SameMinorVersion)
install(FILES
  "${PROJECT_BINARY_DIR}/capnwebConfig.cmake"
  "${PROJECT_BINARY_DIR}/capnwebConfigVersion.cmake"
  DESTINATION "${package_dir}")
