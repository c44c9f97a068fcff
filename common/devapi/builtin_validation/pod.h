// Checking pods and pod templates (Kubernetes 1.34, pkg/apis/core/validation): containers.h,
// volumes.h, scheduling.h and what remains. Of security contexts and affinities only the start.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/devapi/builtin_validation/field.h"
#include "common/devapi/schema/field_error.h"

namespace sluice::devapi {

void ValidatePodSpec(const Field& spec, FieldErrors& errors);
// ... of a pod that is to be created.
void ValidatePodCreation(const Field& spec, FieldErrors& errors);

// metadata.labels, metadata.annotations and spec of a template. `extra_volumes` names the volumes
// that a controller adds (claims of a StatefulSet).
void ValidatePodTemplate(const Field& pod_template, const std::vector<std::string>& extra_volumes,
                         FieldErrors& errors);

// Only images, tolerations, deadlines and the like of a pod may change.
void ValidatePodSpecUpdate(const Field& old_spec, const Field& spec, FieldErrors& errors);

}  // namespace sluice::devapi
