// Patterns for paths: the first line is a pattern in each of our dialects, the others are paths.

// SPDX-License-Identifier: Apache-2.0
#include <vector>

#include "absl/strings/str_split.h"
#include "common/artifact_composition/path_glob.h"
#include "common/fs/clean_path.h"
#include "common/fs/glob.h"
#include "common/helm/ignore_rules.h"
#include "tests/fuzz/targets.h"

namespace sluice::fuzz {

FUZZ_TARGET(globs, input) {
  const std::vector<absl::string_view> lines = absl::StrSplit(input, absl::MaxSplits('\n', 20));
  const fs::Glob elements(lines[0]);
  const fs::Glob whole(lines[0], fs::Glob::Slash::kOrdinary);
  const auto stars = artifact_composition::DoubleStar::Parse(lines[0]);
  const auto helm = helm::IgnoreRules::Parse(lines[0]);
  for (const absl::string_view path : lines) {
    size_t steps = 0;
    (void)elements.Matches(path, &steps);
    Require(steps <= (lines[0].size() + 1) * (path.size() + 1) * 2 + 10, "matching is bounded");
    (void)whole.Matches(path);
    if (stars.ok() && fs::IsCleanPath(path)) (void)stars->Matches(path);
    if (helm.ok()) (void)helm->Ignores(path, false);
  }
}

}  // namespace sluice::fuzz
