// The order of the result.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/status.h"
#include "common/kustomize/kustomization_file.h"
#include "common/kustomize/res_map.h"

namespace sluice::kustomize {

// Orders by kind as kustomize always did: what others need first, webhooks last, the rest by group,
// version, kind, namespace and name.
absl::Status SortLegacy(ResMap& map);

// As a kustomization's `sortOptions` say. kInvalidArgument if they are none.
absl::Status SortAs(ResMap& map, const SortOptions& options);

}  // namespace sluice::kustomize
