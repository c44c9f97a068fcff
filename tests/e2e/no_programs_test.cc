// Controllers start no program, whatever a Secret, a repository or a kubeconfig asks for
// (CVE-2021-41254, CVE-2022-24817, GHSA-32gq-x56h-299c).

// SPDX-License-Identifier: Apache-2.0
#include <elf.h>

#include <catch2/catch.hpp>
#include <cstring>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "tests/e2e/process.h"

namespace sluice::e2e {
namespace {

// The names of what the program at `path` takes from shared libraries, each between NULs.
std::string ImportedNames(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream bytes;
  bytes << file.rdbuf();
  const std::string image = bytes.str();
  Elf64_Ehdr header;
  REQUIRE(image.size() > sizeof(header));
  std::memcpy(&header, image.data(), sizeof(header));
  std::vector<Elf64_Shdr> sections(header.e_shnum);
  std::memcpy(sections.data(), image.data() + header.e_shoff, sections.size() * sizeof(Elf64_Shdr));
  for (const Elf64_Shdr& section : sections) {
    if (section.sh_type != SHT_DYNSYM) continue;
    const Elf64_Shdr& names = sections[section.sh_link];
    return image.substr(names.sh_offset, names.sh_size);
  }
  return "";
}

TEST_CASE("controllers cannot start programs", "[e2e][advisory]") {
  for (const char* name :
       {"source-controller", "kustomize-controller", "helm-controller", "image-controller"}) {
    CAPTURE(name);
    const std::string names = ImportedNames(Program(name));
    const auto imports = [&names](absl::string_view symbol) {
      return absl::StrContains(names, std::string(1, '\0') + std::string(symbol) + '\0');
    };
    CHECK(imports("memcpy"));
    for (const char* symbol :
         {"execl", "execle", "execlp", "execv", "execve", "execvp", "execvpe", "fexecve", "system",
          "popen", "posix_spawn", "posix_spawnp", "fork", "vfork"}) {
      CAPTURE(symbol);
      CHECK_FALSE(imports(symbol));
    }
  }
}

}  // namespace
}  // namespace sluice::e2e
