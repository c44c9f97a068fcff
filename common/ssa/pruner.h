// Pruner: deletes what an inventory holds and nobody wants any more (spec/kustomize.md §4.8).
//
// An object is left alone unless its live labels still name our owner: one that was handed to
// another Kustomization, or that somebody re-created by hand, is not ours to delete. The same holds
// for objects that opt out by annotation.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>

#include "absl/status/status.h"
#include "common/base/context.h"
#include "common/kube/client.h"
#include "common/kube/discovery.h"
#include "common/ssa/change_set.h"

namespace sluice::ssa {

struct PruneOptions {
  std::string policy_group = "kustomize.toolkit.fluxcd.io";  // see policy.h
  std::map<std::string, std::string> owner_labels;           // all must match
};

struct PruneResult {
  // kUnknown, worded "delete failed, errors: <e1>;<e2>;", if any object could not be deleted.
  absl::Status status;
  ChangeSet changes;    // kDeleted and kSkipped, in the order of deletion
  Inventory survivors;  // what could not be deleted and must stay in the inventory
};

// In reverse order of application; goes on after errors. Does not wait for objects to be gone.
PruneResult Prune(const Context& ctx, kube::Client& client, kube::Discovery& discovery,
                  const Inventory& stale, const PruneOptions& options);

}  // namespace sluice::ssa
