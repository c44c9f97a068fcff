// Keeps custom resource definitions going when nobody writes them: the last instance of one that is
// being deleted may go at any time.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "common/devapi/controllers/control_loop.h"

namespace sluice::devapi {

std::unique_ptr<Controller> CrdController(Cluster& cluster);

}  // namespace sluice::devapi
