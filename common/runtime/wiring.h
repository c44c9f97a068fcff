// How a controller's parts are put together: an informer of its kind wakes its work loop.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/runtime/controller.h"
#include "common/runtime/controller_metrics.h"
#include "common/runtime/informer.h"

namespace sluice::runtime {

// From now on changes of `informer`'s objects that matter to their reconciler
// (SpecOrRequestChanged) wake `controller`, and a deleted object's metrics go with it. Before
// Start(); all must outlive the informer's run.
void WakeOnChange(Informer& informer, Controller& controller, ControllerMetrics& metrics);

}  // namespace sluice::runtime
