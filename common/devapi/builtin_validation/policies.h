// Checking the kinds of networking.k8s.io, rbac.authorization.k8s.io, policy, coordination.k8s.io,
// storage.k8s.io and scheduling.k8s.io (Kubernetes 1.34).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/devapi/builtin_validation/field.h"

namespace sluice::devapi {

// Each takes the whole object.
void ValidateIngress(const Field& object, FieldErrors& errors);
void ValidateRole(const Field& object, FieldErrors& errors);
void ValidateClusterRole(const Field& object, FieldErrors& errors);
void ValidateRoleBinding(const Field& object, FieldErrors& errors);
void ValidateClusterRoleBinding(const Field& object, FieldErrors& errors);
void ValidateDisruptionBudget(const Field& object, FieldErrors& errors);
void ValidateLease(const Field& object, FieldErrors& errors);

void ValidateRoleBindingUpdate(const Field& old_object, const Field& object, FieldErrors& errors);
void ValidateIngressClassUpdate(const Field& old_object, const Field& object, FieldErrors& errors);
void ValidateStorageClassUpdate(const Field& old_object, const Field& object, FieldErrors& errors);
void ValidatePriorityClassUpdate(const Field& old_object, const Field& object, FieldErrors& errors);

}  // namespace sluice::devapi
