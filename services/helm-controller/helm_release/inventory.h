// status.inventory of a HelmRelease: the objects of its manifest and its CRDs (spec/helm.md §2.17).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/base/context.h"
#include "common/helm_release/record.h"
#include "services/helm-controller/helm_release/work.h"

namespace sluice::helm_controller {

// Takes the inventory of `record` into the status; where that cannot be done the old one stays and
// an event tells of it.
void TakeInventory(const Context& ctx, Work& work, const helm_release::Record& record);

}  // namespace sluice::helm_controller
