// The reason of a condition, travelling with the error that the condition tells of: the same status
// code can mean several things.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace sluice::api {

// `error` with `reason`, which replaces one that it has.
absl::Status WithReason(absl::Status error, absl::string_view reason);

// `fallback` for an error without one.
std::string ReasonOf(const absl::Status& error, absl::string_view fallback);

// `error` marked as one that only a change of the object ends, and whether it is.
absl::Status Stalling(absl::Status error);
bool IsStalling(const absl::Status& error);

}  // namespace sluice::api
