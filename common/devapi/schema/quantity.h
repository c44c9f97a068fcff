// Amounts of resources ("500m", "1.5Gi", 2): reading them, and the one form in which the API server
// stores each (apimachinery resource.Quantity, 1.34).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace sluice::devapi {

// `text` in canonical form: "0.5" is "500m", "1024Mi" is "1Gi", "1e3" stays "1e3". More than nine
// decimal places are rounded up. kInvalidArgument with the reference's text for anything else.
absl::StatusOr<std::string> CanonicalQuantity(absl::string_view text);

// `text`, a quantity, rounded up to thousandths: what the API server keeps of amounts of resources.
std::string RoundUpToMilli(absl::string_view text);

// The sign of `a` - `b`: -1, 0 or 1. Both must be quantities; others count as 0.
int CompareQuantities(absl::string_view a, absl::string_view b);

}  // namespace sluice::devapi
