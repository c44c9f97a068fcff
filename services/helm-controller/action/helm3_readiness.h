// Whether an object is ready by the rules of Helm 3, for `spec.waitStrategy.name: legacy`
// (spec/helm.md §5.12, "Legacy rules").

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/kube/gvk.h"
#include "common/ssa/kstatus.h"
#include "common/value/value.h"

namespace sluice::helm_controller {

// The objects of a kind in the namespace `ns` that `selector` (as objects have it) may select; more
// than these does no harm.
using ListSelected = std::function<absl::StatusOr<std::vector<Value>>(
    const kube::GroupVersionKind& gvk, const std::string& ns, const Value& selector)>;

// Of a live object. With `jobs` a Job has to be complete, and is kFailed beyond its backoffLimit;
// every other kind is kCurrent or kInProgress, and kinds without a rule are kCurrent. `list` is
// called for what Deployments, ReplicaSets and ReplicationControllers own; its error is returned.
absl::StatusOr<ssa::Readiness> Helm3Readiness(const Value& live, bool jobs,
                                              const ListSelected& list);

}  // namespace sluice::helm_controller
