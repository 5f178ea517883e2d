# SPDX-License-Identifier: Apache-2.0
#
# What `cmake --install` and `make deb` put where. Programs are taken from STRATA_BIN_DIR as they were built; a Debian
# package has the prefix /usr and its configuration in /etc.
include(GNUInstallDirs)
set(CMAKE_SKIP_INSTALL_ALL_DEPENDENCY ON)
set(package ${PROJECT_SOURCE_DIR}/tools/package)

install(PROGRAMS ${STRATA_BIN_DIR}/strata ${STRATA_BIN_DIR}/strata-cloud ${STRATA_BIN_DIR}/strata-device DESTINATION bin)
install(PROGRAMS ${package}/cloud-first-start DESTINATION lib/strata)
install(FILES ${PROJECT_SOURCE_DIR}/build/lib/strata/mps2_an505_launcher.elf DESTINATION lib/strata OPTIONAL)
configure_file(${package}/strata-cloud.service.in ${PROJECT_BINARY_DIR}/package/strata-cloud.service @ONLY)
# Built by tools/build_console, when Node.js was there.
install(DIRECTORY ${PROJECT_SOURCE_DIR}/build/share/strata/console DESTINATION share/strata OPTIONAL)
install(FILES ${PROJECT_BINARY_DIR}/package/strata-cloud.service DESTINATION lib/systemd/system)
install(FILES ${package}/cloud.conf DESTINATION ${CMAKE_INSTALL_FULL_SYSCONFDIR}/strata)
install(FILES ${package}/strata-cloud.default DESTINATION ${CMAKE_INSTALL_FULL_SYSCONFDIR}/default RENAME strata-cloud)
install(FILES ${package}/lintian-overrides DESTINATION share/lintian/overrides RENAME strata)
install(FILES ${package}/copyright ${PROJECT_SOURCE_DIR}/docs/operations.md DESTINATION share/doc/strata)
# With this directory on the PATH, commands written for the original run as printed.
set(code [[
  set(compat "$ENV{DESTDIR}${CMAKE_INSTALL_PREFIX}/lib/strata/compat")
  file(MAKE_DIRECTORY "${compat}")
  file(CREATE_LINK ../../../bin/strata "${compat}/twilio" SYMBOLIC)
  set(man "$ENV{DESTDIR}${CMAKE_INSTALL_PREFIX}/share/man/man1")
  file(MAKE_DIRECTORY "${man}")
  file(GLOB old "${man}/strata*.1.gz")
  if(old)
    file(REMOVE ${old})
  endif()
  foreach(program strata strata-cloud strata-device)
    execute_process(COMMAND "$ENV{DESTDIR}${CMAKE_INSTALL_PREFIX}/bin/${program}" man --out "${man}" COMMAND_ERROR_IS_FATAL ANY OUTPUT_QUIET)
  endforeach()
  file(GLOB pages "${man}/strata*.1")
  execute_process(COMMAND gzip -9n ${pages} COMMAND_ERROR_IS_FATAL ANY)
  if("$ENV{STRATA_STRIP}")
    file(GLOB programs "$ENV{DESTDIR}${CMAKE_INSTALL_PREFIX}/bin/strata*")
    execute_process(COMMAND strip ${programs} COMMAND_ERROR_IS_FATAL ANY)
  endif()
]])
string(CONFIGURE "${code}" code @ONLY)
install(CODE "${code}")
# The package's own history; ours is CHANGES.md.
file(WRITE ${PROJECT_BINARY_DIR}/package/changelog
  "strata (${PROJECT_VERSION}) unstable; urgency=medium\n\n  * See CHANGES.md.\n\n"
  " -- Strata maintainers <strata@example.invalid>  Sun, 01 Nov 2026 00:00:00 +0000\n")
execute_process(COMMAND gzip -9nkf ${PROJECT_BINARY_DIR}/package/changelog COMMAND_ERROR_IS_FATAL ANY)
install(FILES ${PROJECT_BINARY_DIR}/package/changelog.gz DESTINATION share/doc/strata)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME strata)
set(CPACK_PACKAGE_CONTACT "Strata maintainers <strata@example.invalid>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "Update system for microcontrollers: bundle tool, cloud and device")
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION
  "The bundle and command line tool strata, the cloud strata-cloud with a systemd
 service that is not started by itself, and the Linux device strata-device.")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_SET_DESTDIR ON)
set(CPACK_PACKAGE_DIRECTORY ${PROJECT_SOURCE_DIR}/build)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION utils)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
file(WRITE ${PROJECT_BINARY_DIR}/package/conffiles "/etc/default/strata-cloud\n/etc/strata/cloud.conf\n")
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA ${package}/postinst ${package}/prerm ${package}/postrm ${PROJECT_BINARY_DIR}/package/conffiles)
include(CPack)
