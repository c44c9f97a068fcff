// The writes that all verbs, and the server's own controllers, are made of. Each runs the whole
// way: admission, preparation, validation, field ownership, commit.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "absl/status/statusor.h"
#include "common/devapi/requests/call.h"

namespace sluice::devapi {

// Creates `object` (decoded, in the resource's version) under call.key(); its name may be
// generated. With options.dry_run the result is what would have been stored. `fields_recorded`:
// managedFields are done already (server-side apply).
absl::StatusOr<ObjectRef> CreateObject(Cluster& cluster, Call& call, const WriteOptions& options,
                                       Value object, bool fields_recorded = false);

// How an update computes the new state; called again with a newer state when another write came
// between. `current` is in the resource's version. What it returns has its managedFields done if
// `fields_recorded` is set (server-side apply).
struct Mutation {
  std::function<absl::StatusOr<Value>(const Value& current)> compute;
  bool fields_recorded = false;
};

// Updates the object call.key(); kNotFound's API error if there is none. An update that changes
// nothing stores nothing. An object that is being deleted goes when its last finalizer does.
absl::StatusOr<ObjectRef> UpdateObject(Cluster& cluster, Call& call, const WriteOptions& options,
                                       const Mutation& mutation);

struct Deletion {
  ObjectRef object;       // as it is now, or its last state
  bool completed = true;  // false: finalizers or a grace period keep it
};
absl::StatusOr<Deletion> DeleteObject(Cluster& cluster, Call& call, const DeleteOptions& options);

}  // namespace sluice::devapi
