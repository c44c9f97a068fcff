// Content hashes in the names of generated objects.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/kustomize/res_map.h"

namespace sluice::kustomize {

// The ten letters and digits that stand for what a ConfigMap or Secret holds: data, binaryData or
// stringData, and a Secret's type; neither its name nor its labels.
absl::StatusOr<std::string> ContentHash(const Node* root);

// Appends "-" and the hash to the name of each generated object that wants it.
absl::Status AddHashes(ResMap& map);

}  // namespace sluice::kustomize
