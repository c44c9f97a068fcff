# Run by sluice_embed at build time. The bytes travel by the assembler's .incbin, which takes no
# compile time however large the files are.
string(REPLACE "::" ";" parts ${NAMESPACE})
file(MAKE_DIRECTORY ${OUT})
file(WRITE ${OUT}/${HEADER} "#pragma once
#include \"absl/strings/string_view.h\"
#include <span>
namespace ${NAMESPACE} {
struct EmbeddedFile {
  absl::string_view name;
  absl::string_view content;
};
std::span<const EmbeddedFile> EmbeddedFiles();
}  // namespace ${NAMESPACE}
")
string(MD5 tag "${NAMESPACE}${HEADER}")
set(assembly "")
set(declarations "")
set(rows "")
set(index 0)
foreach(file ${FILES})
  file(RELATIVE_PATH name ${ROOT} ${file})
  set(symbol "sluice_embedded_${tag}_${index}")
  string(APPEND assembly "asm(\".section .rodata\\n.balign 16\\n${symbol}:\\n.incbin \\\"${file}\\\"\\n${symbol}_end:\\n.byte 0\\n.text\\n\");\n")
  string(APPEND declarations "extern \"C\" const char ${symbol}[] __attribute__((visibility(\"hidden\")));\nextern \"C\" const char ${symbol}_end[] __attribute__((visibility(\"hidden\")));\n")
  string(APPEND rows "      {\"${name}\", absl::string_view(${symbol}, static_cast<size_t>(${symbol}_end - ${symbol}))},\n")
  math(EXPR index "${index} + 1")
endforeach()
file(WRITE ${OUT}/${SOURCE} "#include \"${HEADER}\"
${assembly}
${declarations}
namespace ${NAMESPACE} {
std::span<const EmbeddedFile> EmbeddedFiles() {
  static const EmbeddedFile files[] = {
${rows}  };
  return files;
}
}  // namespace ${NAMESPACE}
")
