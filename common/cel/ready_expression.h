// spec.dependsOn[].readyExpr: whether a dependency is ready, as an expression over `self`, the
// object that depends, and `dep`, the one depended on (spec/kustomize.md §2.3, spec/helm.md §2.5).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/value/value.h"

namespace sluice::cel {

// kInvalidArgument if `expression` can never work: it does not compile, or gives no boolean;
// kFailedPrecondition if it cannot be evaluated now. Both say why.
absl::StatusOr<bool> EvaluateReadyExpression(absl::string_view expression, const Value& self,
                                             const Value& dep);

}  // namespace sluice::cel
