// Durations as Kubernetes objects and Flux's messages write them: Go's time.Duration text.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace sluice {

// "1h30m", "750ms", "1.5s", "-2m", "0". kInvalidArgument, quoting `text`, for anything that Go's
// time.ParseDuration (1.26) refuses or that does not fit its 64-bit nanoseconds.
absl::StatusOr<absl::Duration> ParseGoDuration(absl::string_view text);

// As Go's Duration.String prints: "1m0s", "1h30m0s", "1.5s", "750ms", "0s".
std::string FormatGoDuration(absl::Duration duration);

// RFC 3339 in UTC with whole seconds, as metav1.Time is written: "2026-01-02T03:04:05Z".
std::string FormatRfc3339(absl::Time time);
// With nanoseconds as far as needed, Go's RFC3339Nano.
std::string FormatRfc3339Nano(absl::Time time);
// Any RFC 3339 text; kInvalidArgument otherwise.
absl::StatusOr<absl::Time> ParseRfc3339(absl::string_view text);

}  // namespace sluice
