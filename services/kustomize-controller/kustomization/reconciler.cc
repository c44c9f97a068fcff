// SPDX-License-Identifier: Apache-2.0
#include "services/kustomize-controller/kustomization/reconciler.h"

#include <array>

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

// Parts of the spec that change what is applied, or where, and that this version does not do yet.
// Going on without them would be a false success.
absl::Status CheckSupported(const api::KustomizationSpec& spec) {
  for (const char* field : {"kubeConfig", "healthCheckExprs", "ignore"}) {
    if (!spec.raw[field].is_null()) {
      return absl::UnimplementedError(
          absl::StrCat("spec.", field,
                       " is not supported by this version; remove it, or have Flux's "
                       "kustomize-controller reconcile this object"));
    }
  }
  for (const api::Dependency& dependency : spec.depends_on) {
    if (!dependency.ready_expression.empty()) {
      return absl::UnimplementedError(
          "spec.dependsOn[].readyExpr is not supported by this version; remove it, or have Flux's "
          "kustomize-controller reconcile this object");
    }
  }
  return absl::OkStatus();
}

// The source's artifact, read from the API server: an artifact event may be ahead of any cache.
struct SourceLookup {
  absl::Status error;  // the source cannot be read
  std::optional<api::Artifact> artifact;
};

SourceLookup FindSource(const Context& ctx, kube::Client& client,
                        const api::SourceReference& reference) {
  const kube::Resource* resource = api::FindKind(reference.kind);
  if (resource == nullptr || resource->group != api::kSourceGroup) {
    return {
        absl::NotFoundError(absl::StrCat("source kind '", reference.kind, "' is not supported")),
        std::nullopt};
  }
  const auto source = client.Get(ctx, *resource, reference.key);
  if (!source.ok()) return {source.status(), std::nullopt};
  return {absl::OkStatus(), api::Artifact::Decode((*source)["status"]["artifact"])};
}

}  // namespace

KustomizationReconciler::KustomizationReconciler(const runtime::Store& store, kube::Client& client,
                                                 kube::Discovery& discovery,
                                                 artifact::Fetcher& fetcher,
                                                 runtime::EventRecorder& events,
                                                 const Options& options,
                                                 const DecryptionServices& decryption, Clock& clock)
    : store_(store),
      client_(client),
      services_{client, discovery, fetcher, memo_, options, decryption},
      events_(events),
      options_(options),
      clock_(clock) {}

absl::StatusOr<Action> KustomizationReconciler::Reconcile(const Context& ctx,
                                                          const kube::ObjectKey& key) {
  if (store_.Find(key) == nullptr) return Action::AwaitChange();
  ASSIGN_OR_RETURN(std::optional<Value> object,
                   runtime::LoadForReconcile(ctx, client_, api::KindOrDie("Kustomization"), key,
                                             kStatusManager));
  if (!object.has_value()) return Action::AwaitChange();
  Session session(client_, events_, clock_, std::move(*object));
  auto spec = api::DecodeKustomizationSpec(key, session.object()["spec"]);
  absl::StatusOr<Action> action = Action::AwaitChange();
  if (!spec.ok()) {
    session.Stall("InvalidSpec", spec.status().message());
    session.Event(Severity::kError, spec.status().message());
  } else {
    session.spec = std::move(spec).value();
    if (kube::Deleting(session.object())) {
      action = Remove(ctx, session);
      if (action.ok()) return action;
    } else if (!session.spec.suspend) {
      action = Run(ctx, session);
    }
  }
  if (ctx.cancelled()) return absl::CancelledError("shutting down");
  RETURN_IF_ERROR(Finish(ctx, session));
  return action;
}

absl::StatusOr<Action> KustomizationReconciler::Run(const Context& ctx, Session& session) {
  const api::KustomizationSpec& spec = session.spec;
  if (const absl::Status supported = CheckSupported(spec); !supported.ok()) {
    session.Stall("Unsupported", supported.message());
    session.Event(Severity::kError, supported.message());
    return Action::AwaitChange();
  }
  if (const absl::Status allowed = CheckDecryptionIdentity(spec, options_); !allowed.ok()) {
    session.Stall("FeatureGateDisabled", allowed.message());
    session.Event(Severity::kError, allowed.message());
    return Action::AwaitChange();
  }
  const std::string source_name = spec.source.ToString();
  if (options_.process.no_cross_namespace_refs && spec.source.key.ns != session.key().ns) {
    const std::string message = absl::StrCat("can't access '", source_name,
                                             "', cross-namespace references have been blocked");
    session.Stall("AccessDenied", message);
    session.Event(Severity::kError, message);
    return Action::AwaitChange();
  }

  SourceLookup source = FindSource(ctx, client_, spec.source);
  if (absl::IsNotFound(source.error)) {
    session.Ready(ConditionStatus::kFalse, "ArtifactFailed", source.error.message());
    return Action::After(spec.retry_interval);
  }
  if (!source.error.ok()) {
    const absl::Status error = Annotate(
        source.error, absl::StrCat("unable to get source '", spec.source.key.ToString(), "'"));
    session.Ready(ConditionStatus::kFalse, "ArtifactFailed", error.message());
    RETURN_IF_ERROR(session.Patch(ctx));
    return error;
  }
  const std::string retry = FormatGoDuration(options_.process.requeue_dependency);
  if (!source.artifact.has_value()) {
    session.Ready(ConditionStatus::kFalse, "ArtifactFailed",
                  absl::StrCat("Source artifact not found, retrying in ", retry));
    return Action::After(options_.process.requeue_dependency);
  }
  session.revision = source.artifact->revision;
  const auto origin = source.artifact->metadata.find(api::kOriginRevisionMetadata);
  if (origin != source.artifact->metadata.end()) session.origin_revision = origin->second;

  if (const absl::Status ready = CheckDependencies(ctx, client_, spec, session.revision);
      !ready.ok()) {
    session.Ready(ConditionStatus::kFalse, "DependencyNotReady", ready.message());
    session.Event(Severity::kInfo,
                  absl::StrCat("Dependencies do not meet ready condition, retrying in ", retry));
    return Action::After(options_.process.requeue_dependency);
  }

  const SyncOutcome outcome = Sync(ctx, services_, *source.artifact, session);
  switch (outcome.result) {
    case SyncResult::kArtifactNotFound:
      session.Ready(ConditionStatus::kFalse, "ArtifactFailed",
                    absl::StrCat("Source is not ready, artifact not found, retrying in ", retry));
      return Action::After(options_.process.requeue_dependency);
    case SyncResult::kFailed:
      if (!ctx.cancelled()) {
        session.Event(Severity::kError, outcome.error.message());
        log::Error(
            ctx, outcome.error, "Reconciliation failed",
            {{"revision", session.revision}, {"next", FormatGoDuration(spec.retry_interval)}});
      }
      return Action::After(spec.retry_interval);
    case SyncResult::kApplied:
      break;
  }
  return Action::After(runtime::Jitter(spec.interval, options_.process.interval_jitter_percentage));
}

absl::StatusOr<Action> KustomizationReconciler::Remove(const Context& ctx, Session& session) {
  if (!runtime::HasFinalizer(session.object())) return Action::AwaitChange();
  session.revision = session.status.last_applied_revision;
  RETURN_IF_ERROR(Finalize(ctx, services_, session));
  RETURN_IF_ERROR(runtime::RemoveFinalizer(ctx, client_, api::KindOrDie("Kustomization"),
                                           session.object(), kStatusManager));
  return Action::AwaitChange();
}

absl::Status KustomizationReconciler::Finish(const Context& ctx, Session& session) {
  api::KustomizationStatus& status = session.status;
  const bool applied = status.conditions.IsTrue(api::kReady);
  if (const absl::string_view requested =
          kube::Annotation(session.object(), api::kReconcileRequestAnnotation);
      !requested.empty()) {
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
