// Events do not live for ever: they go after ClusterOptions::event_ttl, and the oldest go when
// there are very many.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "common/devapi/controllers/control_loop.h"

namespace sluice::devapi {

std::unique_ptr<Controller> EventExpiry(Cluster& cluster, size_t max_events = 20'000);

}  // namespace sluice::devapi
