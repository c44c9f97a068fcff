// Versions and constraints: the first line is a constraint, the others are versions.

// SPDX-License-Identifier: Apache-2.0
#include <vector>

#include "absl/strings/str_split.h"
#include "common/semver/constraint.h"
#include "common/semver/kube_version.h"
#include "tests/fuzz/targets.h"

namespace sluice::fuzz {

FUZZ_TARGET(semver, input) {
  const std::vector<absl::string_view> lines = absl::StrSplit(input, absl::MaxSplits('\n', 20));
  const auto constraint = semver::Constraint::Parse(lines[0]);
  for (const absl::string_view line : lines) {
    (void)semver::ParseKubeVersion(line);
    (void)semver::Version::ParseTag(line);
    const auto version = semver::Version::Parse(line);
    if (!version.ok()) continue;
    const auto again = semver::Version::Parse(version->Canonical());
    Require(again.ok() && *again == *version, "a canonical version is the same", line);
    if (!constraint.ok()) continue;
    const bool matches = constraint->Matches(*version);
    Require(constraint->Explain(*version).ok() == matches, "a refusal has a reason", line);
    const auto canonical = semver::Constraint::Parse(constraint->Canonical());
    Require(canonical.ok() && canonical->Matches(*version) == matches,
            "a canonical constraint is the same", constraint->Canonical());
  }
}

}  // namespace sluice::fuzz
