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
#include "common/ssa/prepare.h"
#include "common/ssa/readiness.h"
#include "common/ssa/undeclared.h"

namespace sluice::ssa {
namespace {

constexpr absl::Duration kPoll = absl::Seconds(2);
// Fields of one object that the server does not know; beyond them its refusal stands.
constexpr size_t kMaxDropped = 50;

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

absl::Status Untold(const absl::Status& error, const Value& object, value::SecretTexts secrets) {
  if (object["apiVersion"].str() == "v1" && object["kind"].str() == "Secret") {
    secrets.AddSecret(object);
  }
  return WithMessage(error, secrets.Masked(error.message()));
}

struct Applier::Plan {
  Value object;
  ObjectId id;
  kube::Resource resource;
  Fingerprint desired{};  // with ApplyOptions::memo
  Value live;             // null if there is none, or it was not read
  Readiness readiness = Readiness::kUnknown;
  Action action = Action::kUnchanged;
  std::vector<std::string> dropped;  // fields that the server does not know

  bool writes() const { return action == Action::kCreated || action == Action::kConfigured; }
};

Applier::Applier(kube::Client& client, kube::Discovery& discovery, ApplyOptions options,
                 Clock& clock)
    : client_(client), discovery_(discovery), options_(std::move(options)), clock_(clock) {}

ApplyResult Applier::Apply(const Context& ctx, std::vector<Value> objects) {
  std::map<Stage, std::vector<Plan>> stages;
  for (Value& object : objects) {
    Prepare(object);
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
    for (const Plan& plan : plans) {
      for (const std::string& field : plan.dropped) {
        result.dropped.push_back(absl::StrCat(plan.id.Subject(), ": ", field));
      }
    }
    if (!result.status.ok()) return result;
    if (stage == Stage::kDefinitions || stage == Stage::kClasses) {
      result.status = WaitUntilReady(ctx, plans);
      if (!result.status.ok()) return result;
      // Kinds that the CRDs of this stage defined must be found by the next one.
      if (std::any_of(plans.begin(), plans.end(), [](const Plan& plan) {
            return plan.writes() && plan.id.gvk.kind == "CustomResourceDefinition";
          })) {
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
                               {.field_manager = options_.identity.field_manager, .force = true});
  if (!applied.ok()) {
    return Annotate(Untold(applied.status(), plan.object, options_.secrets),
                    absl::StrCat(plan.id.Subject(), " apply failed"));
  }
  plan.live = *std::move(applied);
  plan.readiness = ReadinessOf(plan.live, clock_.Now());
  Note(plan);
  return absl::OkStatus();
}

void Applier::Note(const Plan& plan) {
  if (options_.memo == nullptr || !options_.ignore.PathsFor(plan.object).empty()) return;
  const absl::Time now = clock_.Now();
  options_.memo->Note(plan.id, plan.resource, plan.desired,
                      LiveFacts::Of(plan.live, options_.identity, now), now);
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
  if (options_.memo != nullptr) {
    plan.desired = FingerprintOf(plan.object);
    ASSIGN_OR_RETURN(const bool done, ExamineUnread(ctx, plan));
    if (done) return absl::OkStatus();
  }
  // An object that cannot be read is treated as absent; the dry run says what is wrong.
  auto live = client_.Get(ctx, plan.resource, plan.id.key);
  if (live.ok()) {
    plan.live = *std::move(live);
    const absl::Time now = clock_.Now();
    plan.readiness = ReadinessOf(plan.live, now);
    if (options_.memo != nullptr &&
        options_.memo->Holds(plan.id, plan.desired,
                             LiveFacts::Of(plan.live, options_.identity, now), now)) {
      Note(plan);
      return absl::OkStatus();
    }
  }
  return DryRun(ctx, plan, absl::IsNotFound(live.status()));
}

absl::StatusOr<bool> Applier::ExamineUnread(const Context& ctx, Plan& plan) {
  if (options_.live == nullptr) return false;
  const LiveView::Sight sight = options_.live->Find(plan.resource, plan.id.key);
  if (!sight.known || options_.memo->IsAheadOf(plan.id, sight.facts)) return false;
  if (sight.facts.has_value()) {
    plan.readiness = sight.facts->readiness;
    if (options_.memo->Holds(plan.id, plan.desired, *sight.facts, clock_.Now())) return true;
    if (sight.facts->special) return false;
  }
  // What the object itself asks for may depend on the live one.
  if (IsSpecial(plan.object, options_.identity) || !options_.ignore.PathsFor(plan.object).empty()) {
    return false;
  }

  auto answer = TryApply(ctx, plan);
  if (!answer.ok()) return false;  // a recreation may be called for
  if (kube::ResourceVersion(*answer).empty()) {
    plan.action = Action::kCreated;
    return true;
  }
  if (!sight.facts.has_value()) return false;  // there is one, without our label
  if (LiveFacts::Of(*answer, options_.identity, clock_.Now()).content != sight.facts->content) {
    plan.action = Action::kConfigured;
    return true;
  }
  options_.memo->Note(plan.id, plan.resource, plan.desired, *sight.facts, clock_.Now());
  return true;
}

bool Applier::HasPolicy(const Plan& plan, absl::string_view key, absl::string_view value) const {
  const std::string& group = options_.identity.policy_group;
  return ssa::HasPolicy(plan.object, group, key, value) ||
         ssa::HasPolicy(plan.live, group, key, value);
}

absl::StatusOr<Value> Applier::TryApply(const Context& ctx, Plan& plan) {
  while (true) {
    auto answer = client_.Apply(
        ctx, plan.resource, plan.object,
        {.field_manager = options_.identity.field_manager, .force = true, .dry_run = true});
    if (answer.ok() || !DropsUndeclared(plan.id.gvk) || plan.dropped.size() >= kMaxDropped) {
      return answer;
    }
    std::optional<std::string> dropped = DropUndeclared(answer.status(), plan.object);
    if (!dropped.has_value()) return answer;
    plan.dropped.push_back(*std::move(dropped));
  }
}

absl::Status Applier::MigrateVersion(const Context& ctx, Plan& plan) {
  const std::string wanted = plan.id.gvk.api_version();
  Value fields = plan.live["metadata"]["managedFields"];
  bool differs = false;
  for (size_t i = 0; i < fields.size(); ++i) {
    if (fields.at(i)["apiVersion"].str() == wanted) continue;
    fields.mutable_items()[i].Set("apiVersion", wanted);
    differs = true;
  }
  if (!differs) return absl::OkStatus();
  Value patch = Value::EmptyArray();
  patch.Append({{"op", "replace"}, {"path", "/metadata/managedFields"}, {"value", fields}});
  auto patched = client_.Patch(ctx, plan.resource, plan.id.key, kube::PatchType::kJson, patch,
                               {.field_manager = options_.identity.field_manager});
  if (!patched.ok()) {
    return Annotate(patched.status(),
                    absl::StrCat(plan.id.Subject(), " metadata.managedFields migration failed"));
  }
  plan.live = *std::move(patched);
  return absl::OkStatus();
}

absl::Status Applier::DryRun(const Context& ctx, Plan& plan, bool known_absent) {
  const ApplyPolicy desired_policy = ApplyPolicyOf(plan.object, options_.identity.policy_group);
  if (HasPolicy(plan, "reconcile", "disabled") || HasPolicy(plan, "ssa", "Ignore") ||
      (desired_policy == ApplyPolicy::kIfNotPresent && !plan.live.is_null())) {
    plan.action = Action::kSkipped;
    return absl::OkStatus();
  }

  if (options_.migrate_api_version && !plan.live.is_null()) {
    RETURN_IF_ERROR(MigrateVersion(ctx, plan));
  }
  auto answer = TryApply(ctx, plan);
  if (!answer.ok() && !known_absent && IsImmutableError(answer.status()) &&
      (options_.force || HasPolicy(plan, "force", "enabled"))) {
    RETURN_IF_ERROR(Recreate(ctx, plan));
    answer = TryApply(ctx, plan);
  }
  if (!answer.ok())
    return DryRunError(Untold(answer.status(), plan.object, options_.secrets), plan.id);

  if (plan.live.is_null()) {
    plan.action = Action::kCreated;
    return absl::OkStatus();
  }
  const std::vector<std::string> ignored = options_.ignore.PathsFor(*answer);
  if (HasDrifted(WithoutPaths(plan.live, ignored), WithoutPaths(*answer, ignored))) {
    plan.action = Action::kConfigured;
  }
  if (!ignored.empty()) {
    plan.object = KeepingLive(std::move(plan.object), plan.live, *answer, ignored,
                              options_.identity.field_manager);
  }
  if (!HasPolicy(plan, "ssa", "Merge")) RETURN_IF_ERROR(CleanUp(ctx, plan));
  if (!plan.writes()) Note(plan);
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
  const Value patch =
      CleanupPatch(plan.live, options_.identity.field_manager, options_.identity.override_managers);
  if (patch.is_null()) return absl::OkStatus();
  const auto patched = client_.Patch(ctx, plan.resource, plan.id.key, kube::PatchType::kJson, patch,
                                     {.field_manager = options_.identity.field_manager});
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
    if (plan.readiness == Readiness::kCurrent) continue;
    objects.push_back({plan.id, plan.resource});
  }
  if (objects.empty()) return absl::OkStatus();
  return WaitForReadiness(ctx.WithTimeout(options_.stage_timeout), client_, objects,
                          {.fail_fast = false}, kPoll, clock_);
}

}  // namespace sluice::ssa
