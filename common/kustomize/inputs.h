// What a build has read, as one digest: while it is the same, so is the build's result.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <set>
#include <string>

#include "common/fs/tree.h"

namespace sluice::kustomize {

// Of the content, or the absence, of every path of `inputs` in `tree`, as BuildResult::inputs and
// GeneratedKustomization::inputs name them: a path that ends in "/" stands for the names in that
// folder. Raw bytes.
std::string InputsDigest(const fs::Tree& tree, const std::set<std::string>& inputs);

}  // namespace sluice::kustomize
