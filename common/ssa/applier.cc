// SPDX-License-Identifier: Apache-2.0
#include "common/ssa/applier.h"

#include <algorithm>
#include <map>
#include <optional>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/synchronization/mutex.h"
#include "common/base/parallel.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/kube/api_error.h"
#include "common/kube/object.h"
#include "common/ssa/drift.h"
#include "common/ssa/kind_order.h"
#include "common/ssa/managed_fields.h"
#include "common/ssa/policy.h"
#include "common/ssa/readiness.h"

namespace sluice::ssa {
namespace {

constexpr absl::Duration kPoll = absl::Seconds(2);

// Errors that a recreation may get around (spec/kustomize.md §4.4 item 5).
bool IsImmutableError(const absl::Status& error) {
  const int code = kube::ErrorHttpCode(error);
  return code == 409 || code == 422 || absl::StrContains(error.message(), "is immutable") ||
         absl::StrContains(error.message(), "immutable field");
}

absl::Status DryRunError(const absl::Status& error, const ObjectId& id) {
  if (absl::IsNotFound(error)) {
    return Annotate(error, absl::StrCat(id.Subject(), id.key.ns.empty() ? " namespace not specified"
                                                                        : " not found"));
  }
  const std::string reason = kube::ErrorReason(error);
  return Annotate(error, absl::StrCat(id.Subject(), " dry-run failed",
                                      reason.empty() ? "" : absl::StrCat(" (", reason, ")")));
}

}  // namespace

struct Applier::Plan {
  Value object;
  ObjectId id;
  kube::Resource resource;
  Value live;  // null if there is none
  Action action = Action::kUnchanged;
  std::optional<AppliedMemo::Entry> memo;  // set with ApplyOptions::memo

  bool writes() const { return action == Action::kCreated || action == Action::kConfigured; }
};

Applier::Applier(kube::Client& client, kube::Discovery& discovery, ApplyOptions options,
                 Clock& clock)
    : client_(client), discovery_(discovery), options_(std::move(options)), clock_(clock) {}

ApplyResult Applier::Apply(const Context& ctx, std::vector<Value> objects) {
  std::map<Stage, std::vector<Plan>> stages;
  for (Value& object : objects) {
    object.Erase("status");
    if (Value* metadata = object.FindMutable("metadata")) metadata->Erase("creationTimestamp");
    Plan plan;
    plan.id = ObjectId::Of(object);
    plan.object = std::move(object);
    stages[StageOf(plan.id, options_.custom_stage_kinds)].push_back(std::move(plan));
  }
  ApplyResult result;
  for (auto& [stage, plans] : stages) {
    std::stable_sort(plans.begin(), plans.end(),
                     [](const Plan& a, const Plan& b) { return AppliedBefore(a.id, b.id); });
    result.status = ApplyStage(ctx, plans, result.changes);
    if (!result.status.ok()) return result;
    if (stage == Stage::kDefinitions || stage == Stage::kClasses) {
      result.status = WaitUntilReady(ctx, plans);
      if (!result.status.ok()) return result;
      // Kinds that the CRDs of this stage defined must be found by the next one.
      if (std::any_of(plans.begin(), plans.end(), [](const Plan& plan) { return plan.writes(); })) {
        discovery_.Invalidate();
      }
    }
  }
  return result;
}

absl::Status Applier::ApplyStage(const Context& ctx, std::vector<Plan>& plans, ChangeSet& changes) {
  absl::Mutex mutex;
  absl::Status first_error;
  ParallelFor(plans.size(), static_cast<size_t>(options_.concurrency), [&](size_t i) {
    const absl::Status status = Examine(ctx, plans[i]);
    if (status.ok()) return true;
    absl::MutexLock lock(&mutex);
    if (first_error.ok()) first_error = status;
    return false;
  });
  RETURN_IF_ERROR(first_error);
  if (options_.before_writes != nullptr &&
      std::any_of(plans.begin(), plans.end(), [](const Plan& plan) { return plan.writes(); })) {
    Inventory stage;
    for (const Plan& plan : plans) stage.push_back(plan.id);
    RETURN_IF_ERROR(options_.before_writes(stage));
  }
  ChangeSet stage_changes;
  for (Plan& plan : plans) {
    if (plan.writes()) RETURN_IF_ERROR(Write(ctx, plan));
    stage_changes.push_back({plan.id, plan.action});
  }
  changes.insert(changes.end(), stage_changes.begin(), stage_changes.end());
  return absl::OkStatus();
}

absl::Status Applier::Write(const Context& ctx, Plan& plan) {
  auto applied = client_.Apply(ctx, plan.resource, plan.object,
                               {.field_manager = options_.field_manager, .force = true});
  if (!applied.ok()) {
    return Annotate(applied.status(), absl::StrCat(plan.id.Subject(), " apply failed"));
  }
  plan.live = *std::move(applied);
  if (plan.memo.has_value()) {
    options_.memo->Note(*plan.memo, kube::ResourceVersion(plan.live), clock_.Now());
  }
  return absl::OkStatus();
}

absl::Status Applier::Examine(const Context& ctx, Plan& plan) {
  const auto resource = discovery_.Resolve(ctx, plan.id.gvk);
  if (!resource.ok()) {
    return Annotate(resource.status(), absl::StrCat(plan.id.Subject(), " dry-run failed"));
  }
  plan.resource = *resource;
  // A namespace on a cluster-scoped object means nothing and must not reach the inventory.
  if (!plan.resource.namespaced && !plan.id.key.ns.empty()) {
    plan.object.FindMutable("metadata")->Erase("namespace");
    plan.id.key.ns.clear();
  }
  // An object that cannot be read is treated as absent; the dry run says what is wrong.
  auto live = client_.Get(ctx, plan.resource, plan.id.key);
  if (live.ok()) plan.live = *std::move(live);
  if (options_.memo != nullptr) {
    plan.memo.emplace(options_.actor, plan.id, plan.object);
    if (!plan.live.is_null() &&
        options_.memo->Holds(*plan.memo, kube::ResourceVersion(plan.live), clock_.Now())) {
      return absl::OkStatus();
    }
  }
  return DryRun(ctx, plan, absl::IsNotFound(live.status()));
}

absl::Status Applier::DryRun(const Context& ctx, Plan& plan, bool known_absent) {
  const auto policy = [&](absl::string_view key, absl::string_view value) {
    return HasPolicy(plan.object, options_.policy_group, key, value) ||
           HasPolicy(plan.live, options_.policy_group, key, value);
  };
  const ApplyPolicy desired_policy = ApplyPolicyOf(plan.object, options_.policy_group);
  if (policy("reconcile", "disabled") || policy("ssa", "Ignore") ||
      (desired_policy == ApplyPolicy::kIfNotPresent && !plan.live.is_null())) {
    plan.action = Action::kSkipped;
    return absl::OkStatus();
  }

  const kube::WriteOptions dry_run = {
      .field_manager = options_.field_manager, .force = true, .dry_run = true};
  auto answer = client_.Apply(ctx, plan.resource, plan.object, dry_run);
  if (!answer.ok() && !known_absent && IsImmutableError(answer.status()) &&
      (options_.force || policy("force", "enabled"))) {
    RETURN_IF_ERROR(Recreate(ctx, plan));
    answer = client_.Apply(ctx, plan.resource, plan.object, dry_run);
  }
  if (!answer.ok()) return DryRunError(answer.status(), plan.id);

  if (plan.live.is_null()) {
    plan.action = Action::kCreated;
    return absl::OkStatus();
  }
  if (HasDrifted(plan.live, *answer)) plan.action = Action::kConfigured;
  if (!policy("ssa", "Merge")) RETURN_IF_ERROR(CleanUp(ctx, plan));
  if (!plan.writes() && plan.memo.has_value()) {
    options_.memo->Note(*plan.memo, kube::ResourceVersion(plan.live), clock_.Now());
  }
  return absl::OkStatus();
}

absl::Status Applier::Recreate(const Context& ctx, Plan& plan) {
  const absl::Status deleted = client_.Delete(ctx, plan.resource, plan.id.key);
  if (!deleted.ok() && !absl::IsNotFound(deleted)) {
    return Annotate(deleted, absl::StrCat(plan.id.Subject(),
                                          " immutable field detected, failed to delete object"));
  }
  while (true) {
    const auto live = client_.Get(ctx, plan.resource, plan.id.key);
    if (absl::IsNotFound(live.status())) break;
    if (absl::Status slept = clock_.Sleep(ctx, kPoll); !slept.ok()) {
      return Annotate(slept, absl::StrCat(plan.id.Subject(),
                                          " immutable field detected, failed to "
                                          "wait for object to be deleted"));
    }
  }
  plan.live = Value();
  return absl::OkStatus();
}

absl::Status Applier::CleanUp(const Context& ctx, Plan& plan) {
  const Value patch = CleanupPatch(plan.live, options_.field_manager, options_.override_managers);
  if (patch.is_null()) return absl::OkStatus();
  const auto patched = client_.Patch(ctx, plan.resource, plan.id.key, kube::PatchType::kJson, patch,
                                     {.field_manager = options_.field_manager});
  if (!patched.ok()) {
    return Annotate(patched.status(),
                    absl::StrCat(plan.id.Subject(), " metadata.managedFields cleanup failed"));
  }
  plan.action = Action::kConfigured;
  return absl::OkStatus();
}

absl::Status Applier::WaitUntilReady(const Context& ctx, std::span<const Plan> plans) {
  std::vector<WatchedObject> objects;
  for (const Plan& plan : plans) {
    if (ReadinessOf(plan.live, clock_.Now()) == Readiness::kCurrent) continue;
    objects.push_back({plan.id, plan.resource});
  }
  if (objects.empty()) return absl::OkStatus();
  return WaitForReadiness(ctx.WithTimeout(options_.stage_timeout), client_, objects,
                          {.poll = kPoll, .fail_fast = false}, clock_);
}

}  // namespace sluice::ssa
