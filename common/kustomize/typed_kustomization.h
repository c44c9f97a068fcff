// A kustomization file in the form its type prints: what Flux makes of one before it builds.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/statusor.h"
#include "common/value/value.h"

namespace sluice::kustomize {

// `document` with the fields that a Kustomization has, under their proper names, without empty
// ones and without those it does not have; numbers and booleans become texts where texts are
// wanted. apiVersion and kind default to a Kustomization's. kInvalidArgument, naming the field, for
// a value of the wrong type.
absl::StatusOr<Value> TypedKustomization(const Value& document);

}  // namespace sluice::kustomize
