// SPDX-License-Identifier: Apache-2.0
#include "common/sync_status/requests.h"

#include "common/api/meta/names.h"
#include "common/base/duration.h"
#include "common/base/status_macros.h"

namespace sluice::sync_status {

absl::StatusOr<std::string> RequestReconcile(const Context& ctx, kube::Client& client,
                                             const kube::Resource& resource,
                                             const kube::ObjectKey& key, absl::Time now,
                                             const ReconcileOptions& options) {
  ASSIGN_OR_RETURN(const Value object, client.Get(ctx, resource, key));
  if (object["spec"]["suspend"].bool_or(false)) {
    return absl::FailedPreconditionError("resource is suspended");
  }
  const std::string requested_at = FormatRfc3339Nano(now);
  Value annotations = {{api::kReconcileRequestAnnotation, requested_at}};
  if (options.force) annotations.Set("reconcile.fluxcd.io/forceAt", requested_at);
  if (options.reset) annotations.Set("reconcile.fluxcd.io/resetAt", requested_at);
  RETURN_IF_ERROR(client
                      .Patch(ctx, resource, key, kube::PatchType::kMerge,
                             Value{{"metadata", {{"annotations", annotations}}}})
                      .status());
  return requested_at;
}

absl::StatusOr<Value> SetSuspended(const Context& ctx, kube::Client& client,
                                   const kube::Resource& resource, const kube::ObjectKey& key,
                                   bool suspended) {
  return client.Patch(ctx, resource, key, kube::PatchType::kMerge,
                      Value{{"spec", {{"suspend", suspended}}}});
}

}  // namespace sluice::sync_status
