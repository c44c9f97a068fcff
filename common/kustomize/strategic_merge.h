// Strategic merge: a patch, written as part of the object, laid over it.
//
// Maps merge, null removes, lists are replaced unless the type's schema says that they merge by
// key; then the patch's elements come first. `$patch: delete | replace | merge` in a map or list
// says otherwise. The order of elements and the results for elements without their keys follow
// kyaml 0.21.1, oddities included: an element of the object whose key set differs from the patch's
// is not the patch's element, repeated keys collapse to the last.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/statusor.h"
#include "common/kustomize/build_state.h"
#include "common/kustomize/node.h"

namespace sluice::kustomize {

// Merges `patch` into `target` and returns the result, which is `target` itself, another node if
// the patch replaces it whole, or null if the patch deletes it. Nodes of `patch` become part of the
// result, so each target needs its own copy.
absl::StatusOr<Node*> StrategicMerge(BuildState& state, Node* target, Node* patch);

}  // namespace sluice::kustomize
