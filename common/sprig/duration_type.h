// Durations as templates see them: Go's time.Duration, with its methods.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/time/time.h"
#include "common/gotmpl/type.h"
#include "common/gotmpl/value.h"

namespace sluice::sprig {

// time.Duration.
const gotmpl::Type& DurationType();
gotmpl::Value FromDuration(absl::Duration duration);
// Of a value of DurationType().
absl::Duration DurationOf(const gotmpl::Value& value);

}  // namespace sluice::sprig
