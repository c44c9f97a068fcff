// Container images and replica counts.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/kustomize/field_specs.h"
#include "common/kustomize/kustomization_file.h"
#include "common/kustomize/res_map.h"

namespace sluice::kustomize {

// An image reference cut into its parts; absent ones are empty.
struct ImageParts {
  std::string name;  // with registry and port
  std::string tag;
  std::string digest;  // "sha256:..."
};
ImageParts SplitImage(absl::string_view image);

// Changes the images called `image.name` at the fields of `specs` and in every list called
// containers or initContainers, except in CustomResourceDefinitions. The name is a regular
// expression, as in the reference; one that is none matches nothing.
absl::Status ChangeImages(ResMap& map, const Image& image, const FieldSpecs& specs);

// Sets the count of the workloads that have or had this name. kNotFound if there is none.
absl::Status ChangeReplicas(ResMap& map, const Replica& replica, const FieldSpecs& specs);

}  // namespace sluice::kustomize
