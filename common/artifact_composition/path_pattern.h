// spec.pathPattern of an ArtifactGenerator (fluxcd/source-watcher 2.2): one set of artifacts for
// each directory that matches.
//
//   pathPattern "@repo/apps/{app}/envs/{env}" and the artifact "{app}-{env}" give "web-prod" for
//   the directory apps/Web/envs/prod, with the labels app=web and env=prod.
//
// A capture takes one element, or a part of one. Names and labels have it in lower case, the paths
// of copy operations as it is.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/api/source/artifact_generator.h"
#include "common/artifact_composition/copy.h"

namespace sluice::artifact_composition {

// An artifact to be made, and the labels that only it has.
struct PlannedArtifact {
  api::OutputArtifact output;
  std::map<std::string, std::string> labels;
};

// The artifacts that one generator may make.
inline constexpr size_t kMaxPlannedArtifacts = 10'000;

// The artifacts of `spec`: those that it names, or with a pathPattern one of each for every
// directory that matches, in the order of a walk. kInvalidArgument in source-watcher's words for
// what only another spec or other directories can put right; other errors are those of the trees.
absl::StatusOr<std::vector<PlannedArtifact>> PlanArtifacts(const api::ArtifactGeneratorSpec& spec,
                                                           const SourceTrees& sources);

// Why `name` is no name of a Kubernetes object (RFC 1123 subdomain), in Kubernetes' words; "" if it
// is one.
std::string ObjectNameProblem(absl::string_view name);

}  // namespace sluice::artifact_composition
