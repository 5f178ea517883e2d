# SPDX-License-Identifier: Apache-2.0
#
# strata_module(NAME <name> [DEVICE] [UNITY] [UNITY_TESTS]
#               [HEADERS <public headers under include/>...] [SOURCES <files>...]
#               [DEPS <targets>...] [PRIVATE_DEPS <targets>...] [TESTS <foo_test.cpp>...]
#               [TEST_DEPS <targets>...])
#
# One module is one library target strata_<name> (alias strata::<name>).
# Its public headers are a file set, so an include against the dependency rule fails as "No such file",
# and each header is compiled on its own (target all_verify_interface_header_sets).
# DEVICE modules are compiled without exceptions and RTTI, on the host as on Cortex-M33.
# UNITY, UNITY_TESTS: seven of its sources, or tests, are compiled as one, since their headers are nearly all of the compile
# time; so names in their anonymous namespaces differ.
# TESTS become one program <name>_test, whose cases ctest lists one by one.
function(strata_module)
  cmake_parse_arguments(PARSE_ARGV 0 arg "DEVICE;UNITY;UNITY_TESTS" "NAME"
    "HEADERS;SOURCES;DEPS;PRIVATE_DEPS;TESTS;TEST_DEPS")
  set(target strata_${arg_NAME})
  if(arg_SOURCES)
    add_library(${target} STATIC ${arg_SOURCES})
    set(scope PUBLIC)
    target_link_libraries(${target} PRIVATE strata_warnings ${arg_PRIVATE_DEPS})
    # Private headers stay beside their sources.
    target_include_directories(${target} PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
  else()
    add_library(${target} INTERFACE)
    set(scope INTERFACE)
  endif()
  add_library(strata::${arg_NAME} ALIAS ${target})
  target_compile_features(${target} ${scope} cxx_std_20)
  if(arg_HEADERS)
    target_sources(${target} ${scope} FILE_SET HEADERS BASE_DIRS include FILES ${arg_HEADERS})
  endif()
  target_link_libraries(${target} ${scope} ${arg_DEPS})
  if(arg_DEVICE AND arg_SOURCES)
    target_compile_options(${target} PRIVATE $<$<COMPILE_LANGUAGE:CXX>:-fno-exceptions -fno-rtti>)
  endif()
  if(arg_UNITY)
    set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 7)
    # Seen from the one that includes them, GCC takes sources for headers.
    target_compile_options(${target} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-Wno-subobject-linkage>)
  endif()
  if(arg_TESTS AND STRATA_TESTS)
    add_executable(${arg_NAME}_test ${arg_TESTS})
    if(arg_UNITY_TESTS)
      set_target_properties(${arg_NAME}_test PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 7)
    endif()
    target_include_directories(${arg_NAME}_test PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
    if(STRATA_SANITIZE)
      # Optimizing the macros of tests takes a third of their compilers' time; what they test is optimized.
      target_compile_options(${arg_NAME}_test PRIVATE -O0)
    endif()
    target_link_libraries(${arg_NAME}_test PRIVATE
      strata_warnings ${target} ${arg_TEST_DEPS} GTest::gmock GTest::gtest_main)
    gtest_discover_tests(${arg_NAME}_test DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 60
      PROPERTIES TIMEOUT 300 LABELS ${arg_NAME})
    if(arg_NAME MATCHES "^(cloud.*|conformance|format_bundle)$")
      # The modules with threads: what the thread sanitizer runs.
      if(NOT TARGET strata_threaded_tests)
        add_custom_target(strata_threaded_tests)
      endif()
      add_dependencies(strata_threaded_tests ${arg_NAME}_test)
    endif()
  endif()
endfunction()

# strata_fuzz_target(NAME <name> SOURCE <file> DEPS <targets>... CORPUS <dir> [DICTIONARY <file>])
#
# With the `fuzz` preset (clang) a libFuzzer program fuzz_<name>.
# With every other host preset the same entry point, linked to a runner that replays CORPUS as an
# ordinary test fuzz_replay_<name>; the runner also feeds every truncation of each small input.
function(strata_fuzz_target)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "NAME;SOURCE;CORPUS;DICTIONARY" "DEPS")
  if(NOT STRATA_TESTS)
    return()
  endif()
  if(STRATA_FUZZ)
    add_executable(fuzz_${arg_NAME} ${arg_SOURCE})
    target_link_options(fuzz_${arg_NAME} PRIVATE -fsanitize=fuzzer)
    if(NOT TARGET strata_fuzz_targets)
      add_custom_target(strata_fuzz_targets)
    endif()
    add_dependencies(strata_fuzz_targets fuzz_${arg_NAME})
  else()
    add_executable(fuzz_${arg_NAME} ${arg_SOURCE} ${PROJECT_SOURCE_DIR}/tests/fuzz/replay_main.cpp)
    add_test(NAME fuzz_replay_${arg_NAME} COMMAND fuzz_${arg_NAME} ${arg_CORPUS})
    set_tests_properties(fuzz_replay_${arg_NAME} PROPERTIES LABELS fuzz TIMEOUT 300)
  endif()
  target_link_libraries(fuzz_${arg_NAME} PRIVATE strata_warnings ${arg_DEPS})
  target_include_directories(fuzz_${arg_NAME} PRIVATE
    ${CMAKE_CURRENT_SOURCE_DIR} ${CMAKE_CURRENT_SOURCE_DIR}/src)
endfunction()

# strata_program(NAME <file name of the program> SOURCES <files>... DEPS <targets>...)
#
# One of the programs that users run; it lands in STRATA_BIN_DIR.
function(strata_program)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "NAME" "SOURCES;DEPS")
  add_executable(${arg_NAME} ${arg_SOURCES})
  target_link_libraries(${arg_NAME} PRIVATE strata_warnings ${arg_DEPS})
  set_target_properties(${arg_NAME} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${STRATA_BIN_DIR})
endfunction()
