// What the API server warns of in objects of built-in kinds that it accepts (Kubernetes 1.34's
// pkg/api/*/warnings.go): what users run into.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/value/value.h"

namespace sluice::devapi {

std::vector<std::string> BuiltinWarnings(absl::string_view group, absl::string_view kind,
                                         const Value& object);

}  // namespace sluice::devapi
