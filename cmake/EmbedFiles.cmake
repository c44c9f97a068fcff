# sluice_embed(TARGET NAMESPACE ns HEADER name.h FILES a b ...)
#
# Makes the bytes of files part of a target: `ns::kEmbeddedFiles`, an array of
# {absl::string_view name, absl::string_view content}, declared in the generated header name.h.
# The name is the file's path relative to the folder of the calling CMakeLists.txt.
function(sluice_embed target)
  cmake_parse_arguments(ARG "" "NAMESPACE;HEADER" "FILES" ${ARGN})
  set(out ${CMAKE_CURRENT_BINARY_DIR}/embedded)
  string(REPLACE ".h" ".cc" source ${ARG_HEADER})
  add_custom_command(
    OUTPUT ${out}/${ARG_HEADER} ${out}/${source}
    COMMAND ${CMAKE_COMMAND} -DOUT=${out} -DHEADER=${ARG_HEADER} -DSOURCE=${source} -DNAMESPACE=${ARG_NAMESPACE}
            -DROOT=${CMAKE_CURRENT_SOURCE_DIR} "-DFILES=${ARG_FILES}" -P ${CMAKE_SOURCE_DIR}/cmake/EmbedFilesScript.cmake
    DEPENDS ${ARG_FILES} ${CMAKE_SOURCE_DIR}/cmake/EmbedFilesScript.cmake
    VERBATIM)
  target_sources(${target} PRIVATE ${out}/${source})
  target_include_directories(${target} PRIVATE ${out})
endfunction()
