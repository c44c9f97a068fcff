// SPDX-License-Identifier: Apache-2.0
#include "services/source-controller/git_repository/reconciler.h"

#include "absl/strings/str_cat.h"
#include "common/api/kinds.h"
#include "common/api/meta/names.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/gitignore/rules.h"
#include "common/kube/object.h"
#include "common/log/log.h"
#include "common/runtime/finalizer.h"
#include "services/source-controller/git_repository/conditions.h"

namespace sluice::source_controller {
namespace {

using api::ConditionStatus;
using runtime::Action;
using runtime::Severity;

constexpr absl::Duration kGarbageTimeout = absl::Seconds(5);

// Parts of the spec that this version does not do yet; going on without them would publish
// something else than was asked for.
absl::Status CheckSupported(const Session& session) {
  const api::GitRepositorySpec& spec = session.spec;
  const auto unsupported = [](absl::string_view field) {
    return absl::UnimplementedError(
        absl::StrCat("spec.", field,
                     " is not supported by this version; remove it, or have Flux's "
                     "source-controller reconcile this object"));
  };
  if (spec.verify) return unsupported("verify");
  if (!spec.include.empty()) return unsupported("include");
  if (!spec.provider.empty() && spec.provider != "generic") {
    return unsupported(absl::StrCat("provider: ", spec.provider));
  }
  return absl::OkStatus();
}

// Whether the stored artifact was packed under other settings than the spec's (§3.6).
bool ContentSettingsChanged(const Session& session) {
  return session.spec.ignore != session.status.observed_ignore ||
         session.spec.recurse_submodules != session.status.observed_recurse_submodules ||
         session.spec.sparse_checkout != session.status.observed_sparse_checkout;
}

}  // namespace

GitRepositoryReconciler::GitRepositoryReconciler(const runtime::Store& store, kube::Client& client,
                                                 artifact::Storage& storage, artifact::Hub& hub,
                                                 GitFetcher& fetcher,
                                                 runtime::EventRecorder& events,
                                                 const Options& options, Clock& clock)
    : store_(store),
      client_(client),
      storage_(storage),
      hub_(hub),
      fetcher_(fetcher),
      events_(events),
      options_(options),
      clock_(clock) {}

absl::StatusOr<Action> GitRepositoryReconciler::Reconcile(const Context& ctx,
                                                          const kube::ObjectKey& key) {
  if (store_.Find(key) == nullptr) return Action::AwaitChange();
  ASSIGN_OR_RETURN(
      std::optional<Value> object,
      runtime::LoadForReconcile(ctx, client_, api::KindOrDie("GitRepository"), key, kFieldManager));
  if (!object.has_value()) return Action::AwaitChange();
  Session session(client_, events_, clock_, std::move(*object));
  if (kube::Deleting(session.object())) return Remove(ctx, session);

  auto spec = api::DecodeGitRepositorySpec(session.object()["spec"]);
  Outcome outcome = Outcome::Suspended();
  if (!spec.ok()) {
    outcome = session.Stall(kFetchFailed, "InvalidSpec", spec.status());
  } else {
    session.spec = std::move(spec).value();
    if (!session.spec.suspend) outcome = Publish(ctx, session);
  }
  if (ctx.cancelled()) return absl::CancelledError("shutting down");
  session.Finish(outcome);
  RETURN_IF_ERROR(session.Patch(ctx));
  session.Notify(outcome);
  if (session.status.artifact.has_value()) {
    hub_.Publish({session.source(), std::string(kube::Uid(session.object())),
                  session.resource_version(), session.generation(), *session.status.artifact});
  }
  switch (outcome.kind) {
    case Outcome::Kind::kFailed:
      return outcome.error;
    case Outcome::Kind::kStalled:
      log::Error(ctx, outcome.error, "reconciliation stalled");
      return Action::AwaitChange();
    case Outcome::Kind::kSuspended:
      return Action::AwaitChange();
    case Outcome::Kind::kWaiting:
      return Action::After(outcome.wait);
    case Outcome::Kind::kSuccess:
    case Outcome::Kind::kNoChange:
      break;
  }
  return Action::After(
      runtime::Jitter(session.spec.interval, options_.process.interval_jitter_percentage));
}

absl::StatusOr<Action> GitRepositoryReconciler::Remove(const Context& ctx, Session& session) {
  const auto removed = storage_.RemoveAll(session.source());
  if (!removed.ok()) {
    const absl::Status error =
        Annotate(removed.status(), "garbage collection for deleted resource failed");
    session.Event(Severity::kError, "GarbageCollectionFailed", error.message());
    return error;
  }
  if (*removed) {
    session.Event(Severity::kTrace, "GarbageCollectionSucceeded",
                  "garbage collected artifacts for deleted resource");
  }
  hub_.Remove(session.source());
  RETURN_IF_ERROR(runtime::RemoveFinalizer(ctx, client_, api::KindOrDie("GitRepository"),
                                           session.object(), kFieldManager));
  return Action::AwaitChange();
}

void GitRepositoryReconciler::CheckStorage(const Context& ctx, Session& session) {
  auto& artifact = session.status.artifact;
  const auto collected =
      storage_.CollectGarbage(ctx.WithTimeout(kGarbageTimeout), session.source(), artifact);
  if (collected.ok() && *collected > 0) {
    session.Event(Severity::kTrace, "GarbageCollectionSucceeded",
                  absl::StrCat("garbage collected ", *collected, " artifacts"));
  }
  bool disappeared = false;
  if (artifact.has_value()) {
    const absl::Status intact = storage_.Verify(*artifact);
    if (absl::IsDataLoss(intact)) {
      session.Event(Severity::kError, "ArtifactVerificationFailed",
                    absl::StrCat("failed to verify integrity of artifact: ", intact.message()));
    }
    if (!intact.ok()) {
      artifact.reset();
      disappeared = true;
    } else {
      storage_.SetUrl(*artifact);
    }
  }
  if (!artifact.has_value()) {
    session.Progress(/*drift=*/true, disappeared ? "building artifact: disappeared from storage"
                                                 : "building artifact");
    session.Delete(kArtifactInStorage);
  }
}

Outcome GitRepositoryReconciler::Publish(const Context& ctx, Session& session) {
  const api::GitRepositorySpec& spec = session.spec;
  api::GitRepositoryStatus& status = session.status;
  const auto failed_patch = [](const absl::Status& error) {
    return Outcome::Failed("PatchOperationFailed", error);
  };

  session.Progress(/*drift=*/false, "reconciliation in progress");
  if (session.generation() != status.observed_generation) {
    session.Progress(/*drift=*/false,
                     absl::StrCat("processing object: new generation ", status.observed_generation,
                                  " -> ", session.generation()));
    if (const absl::Status patched = session.Patch(ctx); !patched.ok())
      return failed_patch(patched);
  }
  session.Delete(kStorageOperationFailed);
  CheckStorage(ctx, session);
  if (status.conditions.IsFalse(kSourceVerified)) session.Delete(kSourceVerified);
  if (const absl::Status supported = CheckSupported(session); !supported.ok()) {
    return session.Stall(kFetchFailed, "Unsupported", supported);
  }

  const bool settings_changed = ContentSettingsChanged(session);
  std::string last_revision;
  if (status.artifact.has_value() && status.conditions.IsTrue(kArtifactInStorage) &&
      !settings_changed) {
    last_revision = status.artifact->revision;
  }
  auto checkout =
      fetcher_.Fetch(ctx.WithTimeout(spec.timeout), session.key().ns, spec, last_revision);
  if (!checkout.ok()) {
    const std::string reason = FetchFailureReason(checkout.status());
    return reason == "URLInvalid" ? session.Stall(kFetchFailed, reason, checkout.status())
                                  : session.Fail(kFetchFailed, reason, checkout.status());
  }
  session.Delete(kFetchFailed);
  if (checkout->tree == nullptr) {
    session.Set(kArtifactInStorage, ConditionStatus::kTrue, api::kSucceededReason,
                absl::StrCat("stored artifact for revision '", checkout->revision, "'"));
    return Outcome::NoChange("GitOperationSucceeded",
                             absl::StrCat("no changes since last reconciliation: observed "
                                          "revision '",
                                          checkout->revision, "'"));
  }
  session.commit_subject = checkout->subject;
  if (!api::HasRevision(status.artifact, checkout->revision)) {
    const std::string message = absl::StrCat("new upstream revision '", checkout->revision, "'");
    if (status.artifact.has_value()) {
      session.Set(kArtifactOutdated, ConditionStatus::kTrue, "NewRevision", message);
    }
    session.Progress(/*drift=*/true, absl::StrCat("building artifact: ", message));
    if (const absl::Status patched = session.Patch(ctx); !patched.ok())
      return failed_patch(patched);
  }
  return Store(ctx, session, *checkout);
}

Outcome GitRepositoryReconciler::Store(const Context& ctx, Session& session,
                                       const GitCheckout& checkout) {
  api::GitRepositoryStatus& status = session.status;
  const bool up_to_date =
      api::HasRevision(status.artifact, checkout.revision) && !ContentSettingsChanged(session);
  if (up_to_date) {
    session.Event(
        Severity::kTrace, "ArtifactUpToDate",
        absl::StrCat("artifact up-to-date with remote revision: '", checkout.revision, "'"));
  } else {
    const auto rules = gitignore::ArtifactRules(*checkout.tree, session.spec.ignore.value_or(""));
    if (!rules.ok()) return Outcome::Failed("SourceIgnoreError", rules.status());
    api::Artifact artifact = storage_.NewArtifact(session.source(), checkout.revision,
                                                  absl::StrCat(checkout.commit, ".tar.gz"));
    const absl::Status archived = storage_.Archive(
        ctx, *checkout.tree,
        [&rules](absl::string_view path, const fs::Entry& entry) {
          return rules->Ignores(path, entry.type == fs::EntryType::kDirectory);
        },
        artifact);
    if (!archived.ok()) {
      return session.Fail(kStorageOperationFailed, "ArchiveOperationFailed",
                          Annotate(archived, "unable to archive artifact to storage"));
    }
    status.artifact = std::move(artifact);
    status.observed_ignore = session.spec.ignore;
    status.observed_recurse_submodules = session.spec.recurse_submodules;
    status.observed_sparse_checkout = session.spec.sparse_checkout;
    session.Delete(kStorageOperationFailed);
  }
  session.Delete(kArtifactOutdated);
  session.Set(kArtifactInStorage, ConditionStatus::kTrue, api::kSucceededReason,
              absl::StrCat("stored artifact for revision '", checkout.revision, "'"));
  return Outcome::Success();
}

}  // namespace sluice::source_controller
