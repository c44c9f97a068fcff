// Built-in generators and transformers that a kustomization configures in files of their own
// (`generators`, `transformers`, `validators`). All others are refused: nothing is executed.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/kustomize/file_loader.h"
#include "common/kustomize/origin.h"
#include "common/kustomize/res_map.h"

namespace sluice::kustomize {

// One step of a kustomization, ready to run.
struct Transformation {
  std::function<absl::Status(ResMap&)> run;
  std::optional<Origin> origin;  // what to note on the objects, if anything
  // The field of the kustomization that asked for it, and which element; for messages.
  absl::string_view field = "transformers";
  size_t index = 0;
};

// What one generator made.
struct Generated {
  std::vector<Resource*> resources;
  std::optional<Origin> origin;
  // As of Transformation.
  absl::string_view field = "generators";
  size_t index = 0;
};

// From the object that configures it. `loader` finds the files it names.
absl::StatusOr<Generated> RunGeneratorPlugin(BuildState& state, const FileLoader& loader,
                                             const Resource& config);
absl::StatusOr<Transformation> LoadTransformerPlugin(BuildState& state, const FileLoader& loader,
                                                     const Resource& config);

}  // namespace sluice::kustomize
