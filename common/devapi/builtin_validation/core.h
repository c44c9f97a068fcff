// Checking the kinds of the core group other than pods (Kubernetes 1.34,
// pkg/apis/core/validation).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/devapi/builtin_validation/field.h"

namespace sluice::devapi {

// Each takes the whole object.
void ValidateConfigMap(const Field& object, FieldErrors& errors);
void ValidateSecret(const Field& object, FieldErrors& errors);
void ValidateService(const Field& object, FieldErrors& errors);
void ValidateClaim(const Field& object, FieldErrors& errors);
void ValidateVolume(const Field& object, FieldErrors& errors);

void ValidateConfigMapUpdate(const Field& old_object, const Field& object, FieldErrors& errors);
void ValidateSecretUpdate(const Field& old_object, const Field& object, FieldErrors& errors);
void ValidateServiceUpdate(const Field& old_object, const Field& object, FieldErrors& errors);
void ValidateClaimUpdate(const Field& old_object, const Field& object, FieldErrors& errors);

void ValidateEvent(const Field& object, FieldErrors& errors);

}  // namespace sluice::devapi
