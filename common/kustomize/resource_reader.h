// Manifests to resources.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/kustomize/build_state.h"

namespace sluice::kustomize {

// The objects of a manifest file or inline patch, in order; those inside lists (kind "...List" with
// items) come after the others. Empty documents are left out. kInvalidArgument if a document is no
// YAML or has no kind or name.
absl::StatusOr<std::vector<Resource*>> ReadResources(BuildState& state, absl::string_view text);

// OK if the document has what every object must have: a kind and, unless it is a list, a name.
absl::Status CheckMetadata(const Node* root);

}  // namespace sluice::kustomize
