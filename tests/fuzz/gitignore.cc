// Ignore rules: the first section is a file of patterns, the second paths to ask for.

// SPDX-License-Identifier: Apache-2.0
#include "absl/strings/str_split.h"
#include "common/fs/clean_path.h"
#include "common/gitignore/rules.h"
#include "tests/fuzz/sections.h"
#include "tests/fuzz/targets.h"

namespace sluice::fuzz {

FUZZ_TARGET(gitignore, input) {
  const auto sections = Sections(input);
  gitignore::Rules rules;
  if (!rules.Add(sections.begin()->second).ok()) return;
  (void)rules.Add(sections.begin()->second, "a/b");
  Require(!rules.Ignores("", true), "the root is never ignored");
  int asked = 0;
  for (const absl::string_view path : absl::StrSplit(sections.rbegin()->second, '\n')) {
    if (++asked > 50 || !fs::IsCleanPath(path)) continue;
    (void)rules.Ignores(path, false);
    (void)rules.Ignores(path, true);
  }
}

}  // namespace sluice::fuzz
