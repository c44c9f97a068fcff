// From an artifact to the objects to apply: generate, decrypt, build, substitute, label
// (spec/kustomize.md §2.5 to §2.8, §4.2).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/api/kustomize/kustomization.h"
#include "common/base/context.h"
#include "common/fs/tree.h"
#include "common/kustomization_build/decryption.h"
#include "common/kustomization_build/substitute.h"
#include "common/value/value.h"

namespace sluice::kustomization_build {

struct Manifests {
  std::vector<Value> objects;  // with owner labels and common metadata
  std::string digest;          // "sha256:…" of the built stream, before labels
  // Every path of the artifact that they depend on (common/kustomize/inputs.h).
  std::set<std::string> inputs;
};

// `path` is a clean path of a directory in `artifact`; `kustomization` the whole object and `spec`
// its decoded spec. `variables` is null when there is no postBuild; that they could not be loaded
// is an error of the first object that wants them. `decryption` is null when nothing is to be
// decrypted. Errors name the file and line where they are known.
absl::StatusOr<Manifests> BuildManifests(const Context& ctx, const fs::Tree& artifact,
                                         const std::string& path, const Value& kustomization,
                                         const api::KustomizationSpec& spec,
                                         const absl::StatusOr<Variables>* variables,
                                         bool strict_substitution, Decryption* decryption);

// The Jobs among `objects` that the API server deletes once they are done, as
// ssa::ObjectId::ToString().
std::set<std::string> VanishingJobs(const std::vector<Value>& objects);

}  // namespace sluice::kustomization_build
