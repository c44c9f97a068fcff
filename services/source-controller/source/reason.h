// Errors that carry a condition's reason: common/api/meta/reason.h under this folder's names.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/api/meta/reason.h"

namespace sluice::source_controller {

using api::IsStalling;
using api::ReasonOf;
using api::Stalling;
using api::WithReason;

}  // namespace sluice::source_controller
