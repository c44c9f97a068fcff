// Submodules: the first section is a .gitmodules file, the second the URL of the repository.

// SPDX-License-Identifier: Apache-2.0
#include "absl/strings/match.h"
#include "absl/strings/strip.h"
#include "common/fs/clean_path.h"
#include "common/git/submodules.h"
#include "tests/fuzz/sections.h"
#include "tests/fuzz/targets.h"

namespace sluice::fuzz {

FUZZ_TARGET(gitmodules, input) {
  const auto sections = Sections(input);
  const auto modules = git::ParseGitmodules(sections.begin()->second);
  if (!modules.ok()) return;
  Require(modules->size() <= 256, "no more submodules than the limit");
  const absl::string_view parent = absl::StripSuffix(sections.rbegin()->second, "\n");
  for (const git::Submodule& module : *modules) {
    Require(fs::IsCleanPath(module.path) && !module.path.empty(), "a submodule is within",
            module.path);
    (void)git::ResolveSubmoduleUrl(parent, module.url);
    (void)git::ResolveSubmoduleUrl("https://git.example.com/org/repo.git", module.url);
  }
}

}  // namespace sluice::fuzz
