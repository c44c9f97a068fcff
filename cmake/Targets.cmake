# One function per kind of target. A folder is a target, a namespace and an include prefix, so the
# functions take the folder's name and what it depends on, and find the sources themselves.

add_library(sluice_flags INTERFACE)
target_include_directories(sluice_flags INTERFACE ${CMAKE_SOURCE_DIR} ${CMAKE_BINARY_DIR}/generated)
target_link_libraries(sluice_flags INTERFACE
  absl::base absl::core_headers absl::flat_hash_map absl::flat_hash_set absl::random_random absl::span
  absl::status absl::statusor absl::strings absl::str_format absl::synchronization absl::time
  absl::cord absl::any_invocable Threads::Threads)

# Debian's Abseil is not compiled with the thread sanitizer, which needs to be told what it does.
if(SLUICE_SANITIZE MATCHES "thread")
  add_library(sluice_tsan OBJECT ${CMAKE_SOURCE_DIR}/cmake/tsan.cc)
  target_link_libraries(sluice_tsan PRIVATE sluice_flags)
endif()

# The headers that nearly every file needs, parsed once. One for production code, one for tests
# (Catch2's header costs ten times what a test costs without it).
file(WRITE ${CMAKE_BINARY_DIR}/generated/empty.cc "")
function(sluice_precompile target)
  add_library(${target} OBJECT ${CMAKE_BINARY_DIR}/generated/empty.cc)
  target_link_libraries(${target} PRIVATE sluice_flags)
  target_precompile_headers(${target} PRIVATE ${ARGN})
endfunction()
set(SLUICE_COMMON_HEADERS
  <algorithm> <atomic> <cstdint> <functional> <map> <memory> <mutex> <optional> <set> <span> <string>
  <thread> <utility> <variant> <vector>
  <absl/container/flat_hash_map.h> <absl/container/flat_hash_set.h> <absl/status/status.h> <absl/status/statusor.h>
  <absl/strings/str_cat.h> <absl/strings/str_format.h> <absl/strings/str_join.h> <absl/strings/str_split.h>
  <absl/strings/string_view.h> <absl/synchronization/mutex.h> <absl/time/time.h>)
sluice_precompile(sluice_pch ${SLUICE_COMMON_HEADERS})
sluice_precompile(sluice_test_pch ${SLUICE_COMMON_HEADERS} <catch2/catch.hpp>)

# sluice_library(NAME [TESTONLY] [DEPS sluice targets...] [EXTERNAL third-party targets...])
#
# The library of this folder's *.cc, those of folders below it included unless these are targets of
# their own, and from its *_test.cc one test binary NAME_test. TEST_DEPS are
# linked into the test only. EXTERNAL targets stay private: their types do not appear in headers.
function(sluice_library name)
  cmake_parse_arguments(ARG "TESTONLY" "" "DEPS;EXTERNAL;TEST_DEPS;TEST_EXTERNAL" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS *.cc)
  file(GLOB apart CONFIGURE_DEPENDS */CMakeLists.txt)
  foreach(other ${apart})
    get_filename_component(folder ${other} DIRECTORY)
    list(FILTER sources EXCLUDE REGEX "^${folder}/")
  endforeach()
  set(tests ${sources})
  list(FILTER tests INCLUDE REGEX "_test\\.cc$")
  list(FILTER sources EXCLUDE REGEX "(_test|/main)\\.cc$")
  if(sources)
    add_library(${name} STATIC ${sources})
    target_link_libraries(${name} PUBLIC sluice_flags ${ARG_DEPS} PRIVATE ${ARG_EXTERNAL})
    target_precompile_headers(${name} REUSE_FROM sluice_pch)
  else()
    add_library(${name} INTERFACE)
    target_link_libraries(${name} INTERFACE sluice_flags ${ARG_DEPS})
  endif()
  if(tests)
    sluice_test(${name}_test SOURCES ${tests} DEPS ${name} ${ARG_TEST_DEPS} EXTERNAL ${ARG_TEST_EXTERNAL})
  endif()
endfunction()

# sluice_test(NAME SOURCES files... [DEPS ...] [EXTERNAL ...] [TIMEOUT seconds] [LABELS ...])
function(sluice_test name)
  cmake_parse_arguments(ARG "" "TIMEOUT" "SOURCES;DEPS;EXTERNAL;LABELS" ${ARGN})
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 120)
  endif()
  add_executable(${name} EXCLUDE_FROM_ALL ${ARG_SOURCES})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  target_link_libraries(${name} PRIVATE sluice_flags ${ARG_DEPS} ${ARG_EXTERNAL} Catch2::Catch2WithMain
    $<TARGET_NAME_IF_EXISTS:sluice_tsan>)
  target_precompile_headers(${name} REUSE_FROM sluice_test_pch)
  add_test(NAME ${name} COMMAND ${name} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  set_tests_properties(${name} PROPERTIES TIMEOUT ${ARG_TIMEOUT} LABELS "${ARG_LABELS}")
  set_property(GLOBAL APPEND PROPERTY SLUICE_TESTS ${name})
  if(NOT TARGET all_tests)
    add_custom_target(all_tests)
  endif()
  add_dependencies(all_tests ${name})
endfunction()

# sluice_program(NAME MAIN files... [DEPS ...] [EXTERNAL ...]): a binary in bin/ whose main parses options and little else.
function(sluice_program name)
  cmake_parse_arguments(ARG "" "" "MAIN;DEPS;EXTERNAL" ${ARGN})
  add_executable(${name} ${ARG_MAIN})
  target_link_libraries(${name} PRIVATE sluice_flags ${ARG_DEPS} ${ARG_EXTERNAL}
    $<TARGET_NAME_IF_EXISTS:sluice_tsan>)
  target_precompile_headers(${name} REUSE_FROM sluice_pch)
endfunction()

# sluice_link_statically(PROGRAM): no shared library at all, for programs that must start at once. For
# programs without name resolution, which glibc cannot do so. Sanitizers need their shared runtime.
option(SLUICE_STATIC_FRONT "link the `sluice` program statically" ON)
function(sluice_link_statically program)
  if(NOT SLUICE_STATIC_FRONT OR SLUICE_SANITIZE)
    return()
  endif()
  target_link_options(${program} PRIVATE -static)
  if(MOLD_PROGRAM)
    # Static initialisers side by side, as other linkers put them: fewer pages to load at the start.
    target_link_options(${program} PRIVATE -Wl,-z,keep-text-section-prefix)
  endif()
  set_target_properties(${program} PROPERTIES RULE_LAUNCH_LINK
    "${CMAKE_COMMAND} -E env ${CMAKE_SOURCE_DIR}/cmake/link_archives")
endfunction()

# sluice_service(NAME DEPS ...): services/NAME as a library NAME_lib and a program NAME from main.cc.
function(sluice_service name)
  cmake_parse_arguments(ARG "" "" "DEPS;EXTERNAL;TEST_DEPS" ${ARGN})
  sluice_library(${name}_lib DEPS ${ARG_DEPS} EXTERNAL ${ARG_EXTERNAL} TEST_DEPS ${ARG_TEST_DEPS})
  sluice_program(${name} MAIN main.cc DEPS ${name}_lib)
endfunction()
