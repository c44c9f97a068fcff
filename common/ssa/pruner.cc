// SPDX-License-Identifier: Apache-2.0
#include "common/ssa/pruner.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/kube/object.h"
#include "common/ssa/kind_order.h"
#include "common/ssa/policy.h"

namespace sluice::ssa {
namespace {

bool IsProtected(const Value& live, const PruneOptions& options) {
  for (const auto& [key, value] : options.owner_labels) {
    if (kube::Label(live, key) != value) return true;
  }
  const std::string& group = options.policy_group;
  return HasPolicy(live, group, "prune", "disabled") ||
         HasPolicy(live, group, "reconcile", "disabled") ||
         ApplyPolicyOf(live, group) == ApplyPolicy::kIgnore;
}

absl::StatusOr<Action> PruneOne(const Context& ctx, kube::Client& client,
                                kube::Discovery& discovery, const ObjectId& id,
                                const PruneOptions& options) {
  const auto resource = discovery.Resolve(ctx, id.gvk);
  if (!resource.ok()) {
    return Annotate(resource.status(), absl::StrCat(id.Subject(), " query failed"));
  }
  const auto live = client.Get(ctx, *resource, id.key);
  if (absl::IsNotFound(live.status())) return Action::kDeleted;
  if (!live.ok()) return Annotate(live.status(), absl::StrCat(id.Subject(), " query failed"));
  if (IsProtected(*live, options)) return Action::kSkipped;
  // The precondition keeps an object that was re-created a moment ago, whose labels we have not
  // seen.
  const absl::Status deleted =
      client.Delete(ctx, *resource, id.key, {.uid = std::string(kube::Uid(*live))});
  if (!deleted.ok() && !absl::IsNotFound(deleted)) {
    return Annotate(deleted, absl::StrCat(id.Subject(), " delete failed"));
  }
  return Action::kDeleted;
}

}  // namespace

PruneResult Prune(const Context& ctx, kube::Client& client, kube::Discovery& discovery,
                  const Inventory& stale, const PruneOptions& options) {
  Inventory ordered = stale;
  std::stable_sort(ordered.begin(), ordered.end(),
                   [](const ObjectId& a, const ObjectId& b) { return AppliedBefore(b, a); });
  PruneResult result;
  std::string errors;
  for (const ObjectId& id : ordered) {
    const auto action = PruneOne(ctx, client, discovery, id, options);
    if (action.ok()) {
      result.changes.push_back({id, *action});
    } else {
      absl::StrAppend(&errors, action.status().message(), ";");
      result.survivors.push_back(id);
    }
  }
  if (!errors.empty()) {
    result.status = absl::UnknownError(absl::StrCat("delete failed, errors: ", errors));
  }
  return result;
}

}  // namespace sluice::ssa
