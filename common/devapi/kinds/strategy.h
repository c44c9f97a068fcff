// Strategy: how the server treats requests for one kind, beyond what its schema says: what an
// update may leave out, what a delete answers. The facts are those of kube-apiserver 1.34's
// registries.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/devapi/kinds/resource.h"

namespace sluice::devapi {

struct Strategy {
  bool has_status = false;           // status is written through its own subresource only
  bool graceful = false;             // deletion waits for a grace period (pods)
  bool create_on_update = false;     // PUT of a name that does not exist creates it
  bool unconditional_update = true;  // PUT without resourceVersion is taken
  bool returns_deleted = false;      // a completed delete answers the object, not a Status
  bool orphans_by_default = false;   // deletes without a policy leave dependents alone
};

Strategy StrategyOf(const Resource& resource);

}  // namespace sluice::devapi
