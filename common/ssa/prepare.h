// What is changed in every object before it is applied (spec/kustomize.md §4.2, §4.4 item 1).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/value/value.h"

namespace sluice::ssa {

// Takes out `status` (but of CRDs) and metadata.creationTimestamp; folds a Secret's stringData into
// data, where its API server would keep what was removed from it for ever; makes null annotations
// empty; takes a placeholder out of a CRD's caBundle. What has another shape than its kind is left
// for the API server to refuse.
void Prepare(Value& object);

}  // namespace sluice::ssa
