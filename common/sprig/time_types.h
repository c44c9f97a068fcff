// Times and their parts as templates see them: Go's time.Time with the methods that a template can
// call, and the types of what these give.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/gotmpl/type.h"
#include "common/gotmpl/value.h"
#include "common/sprig/moment.h"

namespace sluice::sprig {

// time.Time.
const gotmpl::Type& TimeType();
gotmpl::Value FromMoment(const Moment& moment);
// Of a value of TimeType().
const Moment& MomentOf(const gotmpl::Value& value);

}  // namespace sluice::sprig
