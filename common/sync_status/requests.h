// What people and tools ask of an object: reconcile now, suspend, resume. Each is one patch, the
// same that `flux` makes (spec/cli.md §3, §4).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/context.h"
#include "common/kube/client.h"

namespace sluice::sync_status {

struct ReconcileOptions {
  bool force = false;  // HelmRelease: also the annotation forceAt
  bool reset = false;  // HelmRelease: also the annotation resetAt
};

// Asks for a reconciliation; the value of requestedAt, which status.lastHandledReconcileAt becomes
// when it is done. kFailedPrecondition "resource is suspended" for a suspended object.
absl::StatusOr<std::string> RequestReconcile(const Context& ctx, kube::Client& client,
                                             const kube::Resource& resource,
                                             const kube::ObjectKey& key, absl::Time now,
                                             const ReconcileOptions& options = {});

// Sets or clears spec.suspend; the object afterwards.
absl::StatusOr<Value> SetSuspended(const Context& ctx, kube::Client& client,
                                   const kube::Resource& resource, const kube::ObjectKey& key,
                                   bool suspended);

}  // namespace sluice::sync_status
