// What absl::Status lacks for our messages.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace sluice {

// `status` with `prefix` and ": " put before its message; code and payloads are kept. OK stays OK.
absl::Status Annotate(const absl::Status& status, absl::string_view prefix);

// `status` under another message; code and payloads are kept.
absl::Status WithMessage(const absl::Status& status, absl::string_view message);

// Whether trying again without a change of input may help: kUnavailable, kAborted,
// kDeadlineExceeded, kResourceExhausted.
bool IsRetryable(const absl::Status& status);

}  // namespace sluice
