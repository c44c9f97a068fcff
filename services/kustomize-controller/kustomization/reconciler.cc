// SPDX-License-Identifier: Apache-2.0
#include "services/kustomize-controller/kustomization/reconciler.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/api/kinds.h"
#include "common/api/meta/names.h"
#include "common/base/duration.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/kube/object.h"
#include "common/log/log.h"
#include "common/runtime/finalizer.h"
#include "services/kustomize-controller/kustomization/decryption.h"
#include "services/kustomize-controller/kustomization/dependencies.h"
#include "services/kustomize-controller/kustomization/finalize.h"

namespace sluice::kustomize_controller {
namespace {

using api::ConditionStatus;
using runtime::Action;
using runtime::Severity;

absl::string_view Request(const Session& session) {
  return kube::Annotation(session.object(), api::kReconcileRequestAnnotation);
}

}  // namespace

KustomizationReconciler::KustomizationReconciler(const runtime::Store& store, Collaborators with)
    : with_(std::move(with)),
      services_{with_.client,  with_.clusters,
                with_.fetcher, {store, with_.memories, with_.discovery},
                with_.options, with_.decryption},
      loader_(store, with_.client, api::KindOrDie("Kustomization"), kStatusManager) {}

absl::StatusOr<Action> KustomizationReconciler::Reconcile(const Context& ctx,
                                                          const kube::ObjectKey& key) {
  ASSIGN_OR_RETURN(std::optional<Value> object, loader_.Load(ctx, key));
  if (!object.has_value()) {
    with_.memories.Forget(key);
    return Action::AwaitChange();
  }
  const std::shared_ptr<Memory> memory = with_.memories.Of(key);
  Session session(with_.client, with_.events, with_.clock, *std::move(object));
  auto spec = api::DecodeKustomizationSpec(key, session.object()["spec"]);
  RunResult result{Action::AwaitChange()};
  if (!spec.ok()) {
    result = Stall(session, "InvalidSpec", spec.status().message());
  } else {
    session.spec = std::move(spec).value();
    if (kube::Deleting(session.object())) {
      auto removed = Remove(ctx, session);
      if (removed.ok()) return removed;
      result.error = removed.status();
    } else if (!session.spec.suspend) {
      result = Run(ctx, session, *memory);
    }
  }
  if (ctx.cancelled()) return absl::CancelledError("shutting down");
  absl::Status written;
  if (result.ending == Ending::kFinished) written = Finish(ctx, session);
  if (result.ending == Ending::kUnfinished) written = session.Patch(ctx);
  loader_.NoteWrite(key, session.resource_version());
  RETURN_IF_ERROR(result.error);
  RETURN_IF_ERROR(written);
  return result.action;
}

void KustomizationReconciler::Forget(const kube::ObjectKey& key) {
  with_.memories.Forget(key);
  loader_.NoteWrite(key, "");
}

KustomizationReconciler::RunResult KustomizationReconciler::Stall(Session& session,
                                                                  absl::string_view reason,
                                                                  absl::string_view message) {
  session.Stall(reason, message);
  session.Event(Severity::kError, message);
  return {Action::AwaitChange()};
}

KustomizationReconciler::RunResult KustomizationReconciler::Run(const Context& ctx,
                                                                Session& session, Memory& memory) {
  const api::KustomizationSpec& spec = session.spec;
  const Options& options = with_.options;
  const auto rules = ssa::HealthRules::Compile(spec.raw["healthCheckExprs"]);
  if (!rules.ok()) {
    session.status.observed_generation = session.generation();
    return Stall(session, "InvalidCELExpression",
                 absl::StrCat("Reconciliation failed terminally due to configuration error: ",
                              rules.status().message()));
  }
  if (const absl::Status allowed = CheckDecryptionIdentity(spec, options); !allowed.ok()) {
    return Stall(session, "FeatureGateDisabled", allowed.message());
  }
  if (options.process.no_cross_namespace_refs && spec.source.key.ns != session.key().ns) {
    return Stall(session, "AccessDenied",
                 absl::StrCat("can't access '", spec.source.ToString(),
                              "', cross-namespace references have been blocked"));
  }

  if (spec.source.kind == "ExternalArtifact" && !options.external_artifacts) {
    return Stall(session, "AccessDenied",
                 absl::StrCat("can't access '", spec.source.ToString(),
                              "', ExternalArtifact feature gate is disabled"));
  }

  const Sources::Lookup source = with_.sources.Find(ctx, spec.source);
  if (absl::IsNotFound(source.error)) {
    session.Ready(ConditionStatus::kFalse, "ArtifactFailed", source.error.message());
    return {Action::After(spec.retry_interval)};
  }
  if (!source.error.ok()) {
    const absl::Status error = Annotate(
        source.error, absl::StrCat("unable to get source '", spec.source.key.ToString(), "'"));
    session.Ready(ConditionStatus::kFalse, "ArtifactFailed", error.message());
    return {Action::AwaitChange(), Ending::kFinished, error};
  }
  const absl::Duration retry = options.process.requeue_dependency;
  if (!source.artifact.has_value()) {
    session.Ready(ConditionStatus::kFalse, "ArtifactFailed",
                  absl::StrCat("Source artifact not found, retrying in ", FormatGoDuration(retry)));
    return {Action::After(retry)};
  }
  memory.BeginWith(ArtifactVersion(*source.artifact));
  session.revision = source.artifact->revision;
  const auto origin = source.artifact->metadata.find(api::kOriginRevisionMetadata);
  if (origin != source.artifact->metadata.end()) session.origin_revision = origin->second;
  CancelStaleWait(session, memory);

  if (!memory.waiting.has_value()) {
    const DependencyCheck dependencies =
        CheckDependencies(ctx, services_.neighbours, with_.client, session.object(), spec,
                          session.revision, options.additive_dependency_check);
    if (dependencies.state == DependencyState::kInvalid) {
      session.status.observed_generation = session.generation();
      return Stall(session, "InvalidCELExpression", dependencies.error.message());
    }
    if (dependencies.state == DependencyState::kNotReady) {
      session.Ready(ConditionStatus::kFalse, "DependencyNotReady", dependencies.error.message());
      session.Event(Severity::kInfo,
                    absl::StrCat("Dependencies do not meet ready condition, retrying in ",
                                 FormatGoDuration(retry)));
      return {Action::After(retry)};
    }
  }
  const SyncOutcome outcome = Sync(ctx, services_, *source.artifact, *rules, memory, session);
  Trace(session, *source.artifact, outcome);
  return After(ctx, outcome, session, memory);
}

void KustomizationReconciler::Trace(const Session& session, const api::Artifact& artifact,
                                    const SyncOutcome& outcome) {
  const bool news = session.object()["status"]["lastAppliedRevision"].str() != session.revision;
  if (with_.tracer == nullptr || !news) return;
  const api::SourceReference& source = session.spec.source;
  with_.tracer->Add({.revision = {absl::StrCat(source.kind, "/", source.key.ToString()),
                                  session.revision, artifact.last_update_time},
                     .object = absl::StrCat("Kustomization/", session.key().ToString()),
                     .start = session.started(),
                     .timeline = session.timeline,
                     .complete = outcome.result == SyncResult::kApplied ||
                                 outcome.result == SyncResult::kConfirmed,
                     .error = outcome.error});
}

void KustomizationReconciler::CancelStaleWait(Session& session, Memory& memory) {
  const std::string config = memory.TakeConfigChange();
  if (!memory.waiting.has_value()) return;
  const HealthWait& wait = *memory.waiting;
  if (wait.revision == session.revision && wait.generation == session.generation() &&
      wait.request == Request(session) && config.empty()) {
    session.set_started(wait.run_started);
    return;
  }
  const std::string cause = wait.revision != session.revision ? session.spec.source.ToString()
                            : !config.empty()                 ? config
                                              : kube::Subject("Kustomization", session.key());
  memory.waiting.reset();
  session.Ready(ConditionStatus::kFalse, "HealthCheckCanceled",
                absl::StrCat("New reconciliation triggered by ", cause));
  session.Event(
      Severity::kInfo,
      absl::StrCat("Health checks canceled due to new reconciliation triggered by ", cause));
}

absl::Duration KustomizationReconciler::UntilDue(const Session& session) const {
  const api::KustomizationStatus stored =
      api::KustomizationStatus::Decode(session.object()["status"]);
  const bool says_so = stored.conditions.IsTrue(api::kReady) &&
                       stored.conditions.Find(api::kReconciling) == nullptr &&
                       stored.conditions.Find(api::kStalled) == nullptr &&
                       stored.observed_generation == session.generation() &&
                       stored.last_handled_reconcile_at == Request(session);
  const auto last = ParseRfc3339(stored.history.at(0)["lastReconciled"].str());
  if (!says_so || !last.ok()) return absl::ZeroDuration();
  // Other replicas have nothing but the status to know the revision from.
  if (with_.options.process.sharding && stored.last_applied_revision != session.revision) {
    return absl::ZeroDuration();
  }
  // As far as the jitter may have brought the run forward, it is due.
  const absl::Duration early =
      session.spec.interval * with_.options.process.interval_jitter_percentage / 100 +
      absl::Seconds(1);
  const absl::Duration left = *last + session.spec.interval - with_.clock.Now();
  // A run that is still to come was before the clock was set back.
  return left > early && left <= session.spec.interval ? left : absl::ZeroDuration();
}

KustomizationReconciler::RunResult KustomizationReconciler::After(const Context& ctx,
                                                                  const SyncOutcome& outcome,
                                                                  Session& session,
                                                                  Memory& memory) {
  const api::KustomizationSpec& spec = session.spec;
  Memory::Shared shared;
  shared.applied = memory.applied;
  shared.health_failed =
      outcome.result == SyncResult::kFailed && session.status.conditions.IsFalse(api::kHealthy);
  shared.awaits_health = memory.waiting.has_value() || shared.health_failed;
  if (outcome.result == SyncResult::kConfirmed || outcome.result == SyncResult::kApplied) {
    shared.verified_revision = session.revision;
  }
  if (outcome.result == SyncResult::kConfirmed) shared.confirmed = with_.clock.Now();
  memory.Share(std::move(shared));

  switch (outcome.result) {
    case SyncResult::kArtifactNotFound: {
      const absl::Duration retry = with_.options.process.requeue_dependency;
      session.Ready(ConditionStatus::kFalse, "ArtifactFailed",
                    absl::StrCat("Source is not ready, artifact not found, retrying in ",
                                 FormatGoDuration(retry)));
      return {Action::After(retry)};
    }
    case SyncResult::kFailed:
      if (!ctx.cancelled()) {
        session.Event(Severity::kError, outcome.error.message());
        log::Error(
            ctx, outcome.error, "Reconciliation failed",
            {{"revision", session.revision}, {"next", FormatGoDuration(spec.retry_interval)}});
      }
      return {Action::After(spec.retry_interval)};
    case SyncResult::kWaiting:
      return {Action::After(outcome.look_again), Ending::kUnfinished};
    case SyncResult::kConfirmed:
      if (const absl::Duration left = UntilDue(session); left > absl::ZeroDuration()) {
        with_.on_verified(session.key());
        return {Action::After(left), Ending::kQuiet};
      }
      break;
    case SyncResult::kApplied:
      break;
  }
  return {Action::After(
      runtime::Jitter(spec.interval, with_.options.process.interval_jitter_percentage))};
}

absl::StatusOr<Action> KustomizationReconciler::Remove(const Context& ctx, Session& session) {
  if (!runtime::HasFinalizer(session.object())) return Action::AwaitChange();
  session.revision = session.status.last_applied_revision;
  RETURN_IF_ERROR(Finalize(ctx, services_, session));
  RETURN_IF_ERROR(runtime::RemoveFinalizer(ctx, with_.client, api::KindOrDie("Kustomization"),
                                           session.object(), kStatusManager));
  with_.memories.Forget(session.key());
  return Action::AwaitChange();
}

absl::Status KustomizationReconciler::Finish(const Context& ctx, Session& session) {
  api::KustomizationStatus& status = session.status;
  const bool applied = status.conditions.IsTrue(api::kReady);
  if (const absl::string_view requested = Request(session); !requested.empty()) {
    status.last_handled_reconcile_at = std::string(requested);
  }
  if (applied) {
    status.conditions.Delete(api::kReconciling);
    if (!session.spec.suspend) status.conditions.Delete(api::kStalled);
    status.observed_generation = session.generation();
  } else if (const api::Condition* reconciling = status.conditions.Find(api::kReconciling);
             reconciling != nullptr && status.conditions.IsFalse(api::kReady)) {
    session.Set(api::kReconciling, ConditionStatus::kTrue, api::kProgressingWithRetryReason,
                std::string(reconciling->message));
  }
  RETURN_IF_ERROR(session.Patch(ctx));
  if (applied && !session.spec.suspend && !session.revision.empty()) {
    session.Event(Severity::kInfo,
                  absl::StrCat("Reconciliation finished in ", FormatGoDuration(session.elapsed()),
                               ", next run in ", FormatGoDuration(session.spec.interval)),
                  /*commit_status=*/true);
  }
  return absl::OkStatus();
}

}  // namespace sluice::kustomize_controller
