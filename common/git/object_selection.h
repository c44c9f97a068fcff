// Which objects a fetch has to send, given what the client wants and has.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/status/statusor.h"
#include "common/base/context.h"
#include "common/git/object_id.h"
#include "common/git/object_store.h"

namespace sluice::git {

struct SelectionRequest {
  std::vector<ObjectId> wants;  // in the store
  std::vector<ObjectId> haves;
  absl::flat_hash_set<ObjectId> client_shallow;  // commits whose parents the client lacks
  int depth = 0;                                 // commits of history per want; 0: all
};

struct Selection {
  std::vector<ObjectId> common;     // haves that are in the store, in the order given
  std::vector<ObjectId> shallow;    // commits sent without their parents
  std::vector<ObjectId> unshallow;  // of client_shallow, those whose parents are sent now
  std::vector<ObjectId> objects;    // all that is to be sent, commits first
};

// The errors of reading the store, or ctx.Check()'s.
absl::StatusOr<Selection> SelectObjects(const Context& ctx, const ObjectStore& store,
                                        const SelectionRequest& request);

}  // namespace sluice::git
