// Strategy: how the server treats the objects of one kind on their way into the store, beyond what
// their schema says: which parts a request may change, when metadata.generation moves, what a delete
// answers. The facts are those of kube-apiserver 1.34's registries.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/strings/string_view.h"
#include "common/devapi/resource.h"
#include "common/value/value.h"

namespace sluice::devapi {

struct Strategy {
  bool has_status = false;       // status is written through its own subresource only
  bool has_generation = false;   // metadata.generation counts changes of the spec
  bool graceful = false;         // deletion waits for a grace period (pods)
  bool create_on_update = false;     // PUT of a name that does not exist creates it
  bool unconditional_update = true;  // PUT without resourceVersion is taken
  bool returns_deleted = false;  // a completed delete answers the object, not a Status
  bool orphans_by_default = false;   // deletes without a policy leave dependents alone
};

Strategy StrategyOf(const Resource& resource);

// What a create takes from the client and what it overwrites: clears status where that has its own
// subresource, starts the generation, sets what the system sets.
void PrepareForCreate(const Resource& resource, Value& object);

// The same for an update of `old` to `object` through `subresource` ("" for the main resource).
void PrepareForUpdate(const Resource& resource, absl::string_view subresource, const Value& old,
                      Value& object);

}  // namespace sluice::devapi
