// Chart.yaml and requirements.yaml: reading and checking.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/helm/chart.h"

namespace sluice::helm {

// Puts what the YAML text says over `metadata`, as Go's decoder does: keys in any case, scalars
// where texts are wanted, other keys ignored. kInvalidArgument with Go's words.
absl::Status ReadMetadata(absl::string_view text, Dialect dialect, Metadata& metadata);

// Replaces blanks of all kinds by spaces, drops what does not print, and says what is not allowed:
// "validation: chart.metadata.version is required".
absl::Status ValidateMetadata(Metadata& metadata);

}  // namespace sluice::helm
