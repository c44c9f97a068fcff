// Whether a dry-run's answer differs from the live object in something that we manage.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/value/value.h"

namespace sluice::ssa {

// Labels, annotations and everything outside of metadata and status count; an absent field and an
// empty list, map or null are the same (spec/kustomize.md §4.4 item 7).
bool HasDrifted(const Value& live, const Value& dry_run);

}  // namespace sluice::ssa
