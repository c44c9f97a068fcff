// Taking back what other managers wrote: the clean-up that lets a server-side apply remove fields
// which kubectl or an old client-side apply added (spec/kustomize.md §4.4 item 6).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>

#include "common/value/value.h"

namespace sluice::ssa {

// The JSON patch that removes client-side apply's leftovers from `live` and folds the entries of
// other managers into `own_manager`'s Apply entry; null if there is nothing to do.
//
// Folded are entries without subresource whose manager's name begins with "kubectl" (any
// operation), "before-first-apply" or own_manager (operation Update), or one of `overridden` (any
// operation).
Value CleanupPatch(const Value& live, absl::string_view own_manager,
                   std::span<const std::string> overridden);

}  // namespace sluice::ssa
