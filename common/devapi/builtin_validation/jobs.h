// Checking Jobs and CronJobs (Kubernetes 1.34, pkg/apis/batch/validation).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/devapi/builtin_validation/field.h"

namespace sluice::devapi {

// Each takes the whole object.
void ValidateJob(const Field& object, FieldErrors& errors);
void ValidateCronJob(const Field& object, FieldErrors& errors);

void ValidateJobUpdate(const Field& old_object, const Field& object, FieldErrors& errors);

}  // namespace sluice::devapi
