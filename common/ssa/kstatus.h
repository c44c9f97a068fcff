// Whether an object is ready: the rules of kstatus (sigs.k8s.io/cli-utils, as spec/kustomize.md
// §5.4 and §5.5 state them).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/value/value.h"

namespace sluice::ssa {

enum class Readiness { kInProgress, kFailed, kCurrent, kTerminating, kNotFound, kUnknown };

absl::string_view ReadinessName(Readiness readiness);

// Of a live object. `now` decides since when a Pod counts as unschedulable.
Readiness ReadinessOf(const Value& object, absl::Time now);

}  // namespace sluice::ssa
