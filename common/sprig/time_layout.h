// Times written and read by a layout: Go's way of describing a format by how it shows
// Mon Jan 2 15:04:05 2006 -0700 MST. The rules are those of package time in Go 1.26.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/sprig/moment.h"

namespace sluice::sprig {

std::string FormatTime(const Moment& moment, absl::string_view layout);

// Without a zone in the text it is the time at `location`. kInvalidArgument with Go's words:
// `parsing time "x" as "2006": cannot parse "x" as "2006"`.
absl::StatusOr<Moment> ParseTime(absl::string_view layout, absl::string_view text,
                                 const LocationPointer& location);

}  // namespace sluice::sprig
