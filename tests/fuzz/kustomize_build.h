// What the targets that build kustomizations share.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/statusor.h"
#include "common/fs/tree.h"
#include "common/kustomize/build.h"

namespace sluice::fuzz {

// Builds the root of the tree within bounds that suit a fuzzer.
absl::StatusOr<kustomize::BuildResult> BuildTree(const fs::Tree& tree);

// Builds it twice and looks at the result. That a build fails is fine.
void CheckBuild(const fs::Tree& tree);

}  // namespace sluice::fuzz
