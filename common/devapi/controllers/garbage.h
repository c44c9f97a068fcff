// Garbage collection: dependents follow their owners, as kube-controller-manager has it. An object
// all of whose owners are gone is deleted; "foregroundDeletion" keeps an owner until the dependents
// that block it are gone; "orphan" takes the owner's references out of its dependents.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "common/devapi/controllers/control_loop.h"

namespace sluice::devapi {

std::unique_ptr<Controller> GarbageCollector(Cluster& cluster);

}  // namespace sluice::devapi
