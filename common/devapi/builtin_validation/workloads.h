// Checking the kinds that keep pods running (Kubernetes 1.34,
// pkg/apis/{apps,autoscaling}/validation).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/devapi/builtin_validation/field.h"

namespace sluice::devapi {

// Each takes the whole object.
void ValidateDeployment(const Field& object, FieldErrors& errors);
void ValidateStatefulSet(const Field& object, FieldErrors& errors);
void ValidateDaemonSet(const Field& object, FieldErrors& errors);
void ValidateReplicaSet(const Field& object, FieldErrors& errors);
void ValidateAutoscaler(const Field& object, FieldErrors& errors);

void ValidateSelectorUpdate(const Field& old_object, const Field& object, FieldErrors& errors);
void ValidateStatefulSetUpdate(const Field& old_object, const Field& object, FieldErrors& errors);

// Whether a label selector (matchLabels, matchExpressions) holds for `labels`. A null selector
// matches nothing, an empty one everything.
bool SelectorMatches(const Value& selector, const Value& labels);

}  // namespace sluice::devapi
