# SLUICE_SANITIZE: a comma separated list for -fsanitize=, set by the asan, tsan and fuzz presets.
set(SLUICE_SANITIZE "" CACHE STRING "sanitizers, comma separated")
option(SLUICE_FUZZ "build the libFuzzer targets" OFF)
if(SLUICE_SANITIZE)
  add_compile_options(-fsanitize=${SLUICE_SANITIZE} -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${SLUICE_SANITIZE})
  if(SLUICE_SANITIZE MATCHES "undefined")
    add_compile_options(-fno-sanitize-recover=undefined)
  endif()
endif()
if(SLUICE_FUZZ)
  # What libFuzzer finds its way by; the targets of tests/fuzz link the rest of it.
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
