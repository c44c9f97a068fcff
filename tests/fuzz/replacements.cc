// `replacements`: the first section is a file of them, the second the resources they work on.

// SPDX-License-Identifier: Apache-2.0
#include "common/fs/memory_tree.h"
#include "tests/fuzz/kustomize_build.h"
#include "tests/fuzz/sections.h"
#include "tests/fuzz/targets.h"

namespace sluice::fuzz {

FUZZ_TARGET(replacements, input) {
  const auto sections = Sections(input);
  fs::MemoryTree tree;
  const bool added =
      tree.AddFile("kustomization.yaml",
                   "resources: [resources.yaml]\nreplacements: [{path: replacements.yaml}]\n")
          .ok() &&
      tree.AddFile("replacements.yaml", sections.begin()->second).ok() &&
      tree.AddFile("resources.yaml", sections.rbegin()->second).ok();
  Require(added, "the tree can be made");
  CheckBuild(tree);
}

}  // namespace sluice::fuzz
