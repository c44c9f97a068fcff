// The kustomization that Flux builds for a Kustomization object: the one in the folder `spec.path`,
// or one made from the manifests there, with the object's own settings added (fluxcd/pkg/kustomize
// of Flux 2.9).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <set>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/fs/tree.h"
#include "common/gitignore/rules.h"
#include "common/kustomize/build.h"
#include "common/value/value.h"

namespace sluice::kustomize {

struct FluxGeneratorOptions {
  // Files to leave out, of manifests found and of `resources`, `components` and `crds` alike; paths
  // from the tree's root. Null: none, as the controller does it.
  const gitignore::Rules* ignore = nullptr;
  // As for Build.
  std::string tree_root;
  BuildLimits limits;
};

struct GeneratedKustomization {
  std::string path;      // of the file that is made or replaced
  std::string content;   // YAML
  bool created = false;  // there was none in the folder
  // Every path whose content, presence or absence the file depends on; "folder/" is a folder's
  // listing.
  std::set<std::string> inputs;
};

// `folder` is a clean path in `tree`; `kustomization` is the whole object, of any version of its
// API. Nothing is written: build WithKustomization(tree, ...).
//
// kInvalidArgument if a manifest or the object does not hold what it must; kNotFound if the folder
// is missing.
absl::StatusOr<GeneratedKustomization> GenerateFluxKustomization(
    const fs::Tree& tree, absl::string_view folder, const Value& kustomization,
    const FluxGeneratorOptions& options = {});

// `tree`, which must outlive it, with the file in its place.
absl::StatusOr<std::shared_ptr<const fs::Tree>> WithKustomization(
    const fs::Tree& tree, const GeneratedKustomization& generated);

// How the object's build is to be run on that tree. Types that `openapi.path` brings are added
// to the built-in ones here, never put in their place.
BuildOptions FluxBuildOptions(const FluxGeneratorOptions& options = {});

}  // namespace sluice::kustomize
