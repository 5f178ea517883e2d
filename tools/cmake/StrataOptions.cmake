# SPDX-License-Identifier: Apache-2.0
#
# Compile and link options shared by every target of ours, as the interface target strata_warnings.
add_library(strata_warnings INTERFACE)
target_compile_options(strata_warnings INTERFACE
  -Wall -Wextra -Wconversion -Wshadow $<$<COMPILE_LANGUAGE:CXX>:-Wold-style-cast>)
if(STRATA_SANITIZE)
  # With instrumented code g++ 12 takes parts of its own <regex> and <optional> for uninitialised.
  target_compile_options(strata_warnings INTERFACE $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
endif()
if(STRATA_WERROR)
  target_compile_options(strata_warnings INTERFACE -Werror)
endif()

if(STRATA_HOST)
  add_compile_options(-fstack-protector-strong)
  add_link_options(-Wl,-z,relro,-z,now)
  if(CMAKE_BUILD_TYPE STREQUAL "Release")
    add_compile_definitions($<$<COMPILE_LANGUAGE:CXX>:_FORTIFY_SOURCE=2>)
  endif()
endif()

if(STRATA_SANITIZE)
  add_compile_options(-fsanitize=${STRATA_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${STRATA_SANITIZE})
  if(STRATA_SANITIZE MATCHES undefined)
    # The vptr check needs the type information that device modules are built without.
    add_compile_options($<$<COMPILE_LANGUAGE:CXX>:-fno-sanitize=vptr>)
  endif()
endif()
if(STRATA_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
