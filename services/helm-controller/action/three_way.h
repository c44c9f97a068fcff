// Three-way merge: the patch of a client-side apply (spec/helm.md §5.7).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/kube/gvk.h"
#include "common/value/value.h"

namespace sluice::helm_controller {

// Whether the API server takes strategic merge patches for the kind: a built-in one.
bool IsBuiltin(const kube::GroupVersionKind& gvk);

// The patch that removes from `live` what `original` had and `modified` has not, and makes the rest
// of `modified` true; an empty object if nothing is to be done. What neither names stays. For a
// built-in kind it is a strategic merge patch, whose lists merge by their keys; for any other a
// JSON merge patch.
Value ThreeWayPatch(const kube::GroupVersionKind& gvk, const Value& original, const Value& modified,
                    const Value& live);

}  // namespace sluice::helm_controller
