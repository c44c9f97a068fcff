// Checking where a pod may run and how it is reached (Kubernetes 1.34, pkg/apis/core/validation):
// tolerations, node affinity, spreading, host names, DNS.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/devapi/builtin_validation/field.h"
#include "common/devapi/schema/field_error.h"

namespace sluice::devapi {

// `spec` is that of a pod or a template.
void ValidateScheduling(const Field& spec, FieldErrors& errors);
void ValidatePodNetwork(const Field& spec, FieldErrors& errors);

// "must be a valid IP address, ..." unless it is one.
void MustBeAddress(const Field& address, FieldErrors& errors);

}  // namespace sluice::devapi
