// A whole build: sections are the files of the tree, its root is built. What comes out can be read,
// and comes out again the same.

// SPDX-License-Identifier: Apache-2.0
#include "common/fs/memory_tree.h"
#include "common/kustomize/build.h"
#include "common/value/yaml.h"
#include "tests/fuzz/kustomize_build.h"
#include "tests/fuzz/sections.h"
#include "tests/fuzz/targets.h"

namespace sluice::fuzz {

absl::StatusOr<kustomize::BuildResult> BuildTree(const fs::Tree& tree) {
  kustomize::BuildOptions options;
  options.limits = {.max_depth = 8,
                    .max_kustomizations = 20,
                    .max_resources = 200,
                    .max_file_bytes = 100'000,
                    .max_total_bytes = 1'000'000,
                    .max_nodes = 100'000};
  return kustomize::Build(tree, "", options);
}

void CheckBuild(const fs::Tree& tree) {
  const auto result = BuildTree(tree);
  if (!result.ok()) return;
  const std::string text = result->ToYaml();
  Require(value::ParseYamlStream(text).ok(), "the output can be read", text);
  const auto again = BuildTree(tree);
  Require(again.ok() && again->ToYaml() == text, "a build has one result", text);
}

FUZZ_TARGET(kustomization, input) {
  fs::MemoryTree tree;
  for (auto& [path, content] : Sections(input)) {
    const std::string name = path.empty() ? "kustomization.yaml" : path;
    // Names that no tree can have are left out.
    static_cast<void>(tree.AddFile(name, content));
  }
  CheckBuild(tree);
}

}  // namespace sluice::fuzz
