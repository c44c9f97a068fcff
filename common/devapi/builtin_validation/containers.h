// Checking the containers of a pod (Kubernetes 1.34, pkg/apis/core/validation): names, images,
// ports, environment, mounts, probes, hooks, resources.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <set>
#include <string>

#include "common/devapi/builtin_validation/field.h"
#include "common/devapi/schema/field_error.h"

namespace sluice::devapi {

// `volumes` are those that may be mounted; names that are taken go to `names`.
void ValidateContainers(const Field& containers, const std::set<std::string>& volumes,
                        std::set<std::string>& names, bool are_init, FieldErrors& errors);

// A number of a user or group.
void MustBeId(const Field& id, FieldErrors& errors);

}  // namespace sluice::devapi
