// SPDX-License-Identifier: Apache-2.0
#include "services/kustomize-controller/kustomization/sync.h"

#include <memory>
#include <set>

#include "absl/strings/str_cat.h"
#include "common/api/meta/names.h"
#include "common/base/duration.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/fs/clean_path.h"
#include "common/ssa/applier.h"
#include "common/ssa/pruner.h"
#include "common/ssa/readiness.h"
#include "services/kustomize-controller/kustomization/build.h"
#include "services/kustomize-controller/kustomization/history.h"

namespace sluice::kustomize_controller {
namespace {

using api::ConditionStatus;
using runtime::Severity;

constexpr absl::Duration kHealthPoll = absl::Seconds(1);

SyncOutcome Fail(Session& session, absl::string_view reason, absl::Status error) {
  session.Ready(ConditionStatus::kFalse, reason, error.message());
  return {SyncResult::kFailed, std::move(error)};
}

// A failure that belongs into the history: the manifests were built.
SyncOutcome FailRecorded(Session& session, absl::string_view reason, const std::string& digest,
                         absl::Status error) {
  session.status.history = WithEntry(
      session.status.history, {digest, std::string(reason), session.revision,
                               session.origin_revision, session.clock().Now(), session.elapsed()});
  return Fail(session, reason, std::move(error));
}

std::string For(const Session& session) {
  return absl::StrCat(" for revision ", session.revision, " with a timeout of ",
                      FormatGoDuration(session.spec.timeout));
}

// The objects whose health is awaited, with where they are served.
absl::StatusOr<std::vector<ssa::WatchedObject>> HealthTargets(const Context& ctx,
                                                              kube::Discovery& discovery,
                                                              const Session& session,
                                                              const ssa::ChangeSet& changes) {
  std::vector<ssa::ObjectId> ids;
  if (session.spec.wait) {
    for (const ssa::Change& change : changes) {
      if (change.action != ssa::Action::kSkipped) ids.push_back(change.id);
    }
  } else {
    for (const api::HealthCheck& check : session.spec.health_checks) {
      const std::string version = check.api_version.empty() ? "apps/v1" : check.api_version;
      ids.push_back({check.key, kube::ParseGvk(version, check.kind)});
    }
  }
  std::vector<ssa::WatchedObject> targets;
  for (ssa::ObjectId& id : ids) {
    const bool is_self = id.gvk.kind == "Kustomization" && id.key == session.key();
    if (is_self) continue;  // it cannot become ready before it is
    auto resource = discovery.Resolve(ctx, id.gvk);
    if (!resource.ok()) return Annotate(resource.status(), id.Subject());
    targets.push_back({std::move(id), std::move(resource).value()});
  }
  return targets;
}

absl::Status CheckHealth(const Context& ctx, kube::Client& client, kube::Discovery& discovery,
                         Session& session, const ssa::ChangeSet& changes) {
  ASSIGN_OR_RETURN(const auto targets, HealthTargets(ctx, discovery, session, changes));
  if (targets.empty()) {
    session.status.conditions.Delete(api::kHealthy);
    return absl::OkStatus();
  }
  const bool was_healthy = session.status.conditions.IsTrue(api::kHealthy);
  const std::string message = absl::StrCat("Running health checks", For(session));
  if (session.has_news()) {
    session.Set(api::kHealthy, ConditionStatus::kUnknown, api::kProgressingReason, message);
  }
  RETURN_IF_ERROR(session.Progress(ctx, message));
  const absl::Time start = session.clock().Now();
  const absl::Status healthy =
      ssa::WaitForReadiness(ctx.WithTimeout(session.spec.timeout), client, targets,
                            {.poll = kHealthPoll}, session.clock());
  const std::string took = FormatGoDuration(session.clock().Now() - start);
  if (!healthy.ok()) {
    const absl::Status error = Annotate(healthy, absl::StrCat("health check failed after ", took));
    session.Set(api::kHealthy, ConditionStatus::kFalse, "HealthCheckFailed", error.message());
    return error;
  }
  const std::string passed = absl::StrCat("Health check passed in ", took);
  const bool applied_something =
      std::any_of(changes.begin(), changes.end(), [](const ssa::Change& c) { return c.changed(); });
  const bool new_revision = session.revision != session.status.last_applied_revision;
  if (!was_healthy || (new_revision && applied_something)) {
    session.Event(Severity::kInfo, passed);
  }
  if (!was_healthy || session.has_news()) {
    session.Set(api::kHealthy, ConditionStatus::kTrue, api::kSucceededReason, passed);
  }
  return absl::OkStatus();
}

// Deletes what the last inventory holds beyond `now`, and leaves in status.inventory what is ours.
// Until the final patch the stored inventory still has what is being deleted.
absl::Status PruneStale(const Context& ctx, kube::Client& client, kube::Discovery& discovery,
                        Session& session, const ssa::Inventory& before, ssa::Inventory now) {
  const ssa::Inventory stale = ssa::Difference(before, now);
  if (!session.spec.prune || stale.empty()) return absl::OkStatus();
  const ssa::PruneResult pruned =
      ssa::Prune(ctx, client, discovery, stale,
                 {.owner_labels = {{api::kOwnerNameLabel, session.key().name},
                                   {api::kOwnerNamespaceLabel, session.key().ns}}});
  if (const std::string lines = ssa::Lines(pruned.changes, [](const auto&) { return true; });
      !lines.empty()) {
    session.Event(Severity::kInfo, lines);
  }
  if (!pruned.survivors.empty()) {
    now.insert(now.end(), pruned.survivors.begin(), pruned.survivors.end());
    session.status.inventory = ssa::EncodeInventory(now);
  }
  return pruned.status;
}

}  // namespace

std::string ImpersonatedUser(const api::KustomizationSpec& spec, const std::string& ns,
                             const Options& options) {
  const std::string& account = spec.service_account_name.empty()
                                   ? options.process.default_service_account
                                   : spec.service_account_name;
  if (account.empty()) return "";
  return absl::StrCat("system:serviceaccount:", ns, ":", account);
}

SyncOutcome Sync(const Context& ctx, const SyncServices& services, const api::Artifact& artifact,
                 Session& session) {
  const Options& options = services.options;
  const api::KustomizationSpec& spec = session.spec;
  const auto old_inventory = ssa::DecodeInventory(session.status.inventory);
  if (!old_inventory.ok()) {
    return Fail(session, "ReconciliationFailed", old_inventory.status());
  }

  if (const absl::Status patched =
          session.Progress(ctx, absl::StrCat("Fetching manifests", For(session)));
      !patched.ok()) {
    return {SyncResult::kFailed, patched};
  }
  const auto tree = services.fetcher.Fetch(ctx, artifact);
  if (absl::IsNotFound(tree.status())) return {SyncResult::kArtifactNotFound, tree.status()};
  if (!tree.ok()) return Fail(session, "ArtifactFailed", tree.status());

  const auto path = fs::SecureJoin("", spec.path);
  const absl::Status found = path.ok() ? (*tree)->Stat(*path).status() : path.status();
  if (!found.ok()) {
    return Fail(session, "ArtifactFailed", Annotate(found, "kustomization path not found"));
  }
  session.status.last_attempted_revision = session.revision;

  Variables variables;
  if (spec.post_build.has_value()) {
    auto loaded = LoadVariables(ctx, services.client, session.key().ns, *spec.post_build);
    if (!loaded.ok()) return Fail(session, "BuildFailed", loaded.status());
    variables = std::move(loaded).value();
  }
  const bool substitute =
      spec.post_build.has_value() && (!variables.empty() || spec.post_build->always);
  const auto decryption =
      Decryption::Create(ctx, services.decryption, options, session.key().ns, spec);
  if (!decryption.ok()) return Fail(session, "BuildFailed", decryption.status());
  auto manifests =
      BuildManifests(ctx, **tree, *path, session.object(), spec, substitute ? &variables : nullptr,
                     options.strict_substitution, decryption->get());
  if (!manifests.ok()) return Fail(session, "BuildFailed", manifests.status());

  if (const absl::Status patched =
          session.Progress(ctx, absl::StrCat("Detecting drift", For(session)));
      !patched.ok()) {
    return {SyncResult::kFailed, patched};
  }
  for (const Value& object : manifests->objects) {
    if (const absl::Status plain = CheckNotEncrypted(object); !plain.ok()) {
      return FailRecorded(session, "ReconciliationFailed", manifests->digest, plain);
    }
  }
  const std::string user = ImpersonatedUser(spec, session.key().ns, options);
  const std::unique_ptr<kube::Client> impersonating =
      user.empty() ? nullptr : kube::Impersonate(services.client, user);
  kube::Client& client = impersonating != nullptr ? *impersonating : services.client;

  ssa::ApplyOptions apply;
  apply.force = spec.force;
  apply.override_managers = options.override_managers;
  apply.custom_stage_kinds = {options.custom_apply_stage_kinds.begin(),
                              options.custom_apply_stage_kinds.end()};
  apply.concurrency = options.concurrent_ssa;
  apply.memo = &services.memo;
  apply.actor = user;
  // The inventory grows before the cluster does: whatever a crash or an error leaves behind is
  // known and will be pruned.
  ssa::Inventory known = *old_inventory;
  apply.before_writes = [&](const ssa::Inventory& stage) -> absl::Status {
    ssa::Inventory grown = ssa::Union(known, stage);
    if (grown.size() == known.size()) return absl::OkStatus();
    known = std::move(grown);
    session.status.inventory = ssa::EncodeInventory(known);
    return session.Patch(ctx);
  };
  ssa::Applier applier(client, services.discovery, std::move(apply), session.clock());
  const ssa::ApplyResult applied = applier.Apply(ctx, std::move(manifests->objects));
  const std::string changed =
      ssa::Lines(applied.changes, [](const ssa::Change& change) { return change.changed(); });
  if (!applied.status.ok()) {
    return FailRecorded(
        session, "ReconciliationFailed", manifests->digest,
        changed.empty()
            ? applied.status
            : WithMessage(applied.status, absl::StrCat(applied.status.message(), "\n", changed)));
  }
  if (!changed.empty()) session.Event(Severity::kInfo, changed);
  const ssa::Inventory inventory = ssa::InventoryOf(applied.changes);
  session.status.inventory = ssa::EncodeInventory(inventory);
  if (const absl::Status pruned =
          PruneStale(ctx, client, services.discovery, session, *old_inventory, inventory);
      !pruned.ok()) {
    return FailRecorded(session, "PruneFailed", manifests->digest, pruned);
  }
  if (const absl::Status healthy =
          CheckHealth(ctx, client, services.discovery, session, applied.changes);
      !healthy.ok()) {
    return FailRecorded(session, "HealthCheckFailed", manifests->digest, healthy);
  }

  session.status.history = WithEntry(
      session.status.history, {manifests->digest, "ReconciliationSucceeded", session.revision,
                               session.origin_revision, session.clock().Now(), session.elapsed()});
  session.status.last_applied_revision = session.revision;
  session.status.last_applied_origin_revision = session.origin_revision;
  session.Ready(ConditionStatus::kTrue, "ReconciliationSucceeded",
                absl::StrCat("Applied revision: ", session.revision));
  return {};
}

}  // namespace sluice::kustomize_controller
