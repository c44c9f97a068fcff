// Where an object came from and what changed it, as `buildMetadata` writes into annotations.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/kustomize/build_state.h"
#include "common/kustomize/resource.h"

namespace sluice::kustomize {

struct Origin {
  std::string path;           // of a file, from the folder the build started in
  std::string configured_in;  // the kustomization or plugin file that made or changed the object
  std::string api_version;    // of what was configured there
  std::string kind;
  std::string name;
  std::string namespace_name;

  // The same with `path` continued.
  Origin Append(absl::string_view more) const;
  // As YAML.
  std::string ToYaml(NodeArena& arena) const;
};

// Whether an object says where it came from.
bool HasOrigin(const Resource& resource);
absl::Status SetOrigin(BuildState& state, Resource& resource, const Origin& origin);
// Notes a change; an object without an origin was made by what changed it.
absl::Status AddTransformation(BuildState& state, Resource& resource, const Origin& origin);
// What stands in the annotation of a plugin's own file.
std::string OriginPath(const Resource& resource);

}  // namespace sluice::kustomize
