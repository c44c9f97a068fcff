// Checking the volumes of a pod (Kubernetes 1.34, pkg/apis/core/validation): their names, that each
// has one source, and what the common sources need.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <set>
#include <string>

#include "common/devapi/builtin_validation/field.h"
#include "common/devapi/schema/field_error.h"

namespace sluice::devapi {

// The names of those volumes that nothing is wrong with.
std::set<std::string> ValidateVolumes(const Field& volumes, FieldErrors& errors);

}  // namespace sluice::devapi
