// The body of a request as a document.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/devapi/requests/call.h"

namespace sluice::devapi {

// What was sent, by its Content-Type: JSON (also when none is given), YAML, or for built-in kinds
// protobuf. The API error of another type (415), or of text that is no object (400), which names
// `kind` as what was expected.
absl::StatusOr<Value> ParseBody(const Cluster& cluster, const Call& call, absl::string_view kind);

}  // namespace sluice::devapi
