// Times, durations and their parts as templates see them: Go's types of package time, with the
// methods that a template can call.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/time/time.h"
#include "common/gotmpl/type.h"
#include "common/gotmpl/value.h"
#include "common/sprig/moment.h"

namespace sluice::sprig {

// time.Time.
const gotmpl::Type& TimeType();
gotmpl::Value FromMoment(const Moment& moment);
// Of a value of TimeType().
const Moment& MomentOf(const gotmpl::Value& value);

// time.Duration.
const gotmpl::Type& DurationType();
gotmpl::Value FromDuration(absl::Duration duration);

}  // namespace sluice::sprig
