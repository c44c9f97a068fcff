// SPDX-License-Identifier: Apache-2.0
#include "services/source-controller/source/reconciliation.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/api/kinds.h"
#include "common/api/meta/decode.h"
#include "common/api/meta/names.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/kube/object.h"
#include "common/runtime/finalizer.h"

namespace sluice::source_controller {
namespace {

using api::ConditionStatus;
using runtime::Severity;

constexpr absl::Duration kGarbageTimeout = absl::Seconds(5);

}  // namespace

Reconciliation::Reconciliation(const SourceKind& kind, const Collaborators& with, Value object)
    : kind_(kind),
      with_(with),
      object_(std::move(object)),
      before_(api::SourceStatus::Decode(object_["status"])),
      status_(before_),
      started_(with.clock.Now()),
      writer_(with.client, api::KindOrDie(kind.name), object_, kFieldManager, kind.owned) {}

kube::ObjectKey Reconciliation::key() const { return kube::KeyOf(object_); }
int64_t Reconciliation::generation() const { return kube::Generation(object_); }

absl::StatusOr<Outcome> Reconciliation::Run(const Context& ctx) {
  const Outcome outcome = Attempt(ctx);
  if (ctx.cancelled()) return absl::CancelledError("shutting down");
  Finish(outcome);
  RETURN_IF_ERROR(Patch(ctx));
  Notify(outcome);
  if (status_.artifact.has_value()) {
    with_.hub.Publish({source(), std::string(kube::Uid(object_)), writer_.resource_version(),
                       generation(), *status_.artifact});
    if (status_.artifact != before_.artifact) Trace();
  }
  return outcome;
}

void Reconciliation::Trace() {
  if (with_.tracer == nullptr) return;
  const std::string self = absl::StrCat(kind_.name, "/", key().ToString());
  const api::Artifact& artifact = *status_.artifact;
  with_.tracer->Add({.revision = {self, artifact.revision, artifact.last_update_time},
                     .object = self,
                     .start = started_,
                     .timeline = timeline_,
                     .error = absl::OkStatus()});
}

absl::Status Reconciliation::Remove(const Context& ctx) {
  const auto removed = with_.storage.RemoveAll(ctx, source());
  if (!removed.ok()) {
    const absl::Status error =
        Annotate(removed.status(), "garbage collection for deleted resource failed");
    Event(Severity::kError, "GarbageCollectionFailed", error.message());
    return error;
  }
  if (*removed) {
    Event(Severity::kTrace, "GarbageCollectionSucceeded",
          "garbage collected artifacts for deleted resource");
  }
  with_.hub.Remove(source());
  return runtime::RemoveFinalizer(ctx, with_.client, api::KindOrDie(kind_.name), object_,
                                  kFieldManager);
}

Outcome Reconciliation::Attempt(const Context& ctx) {
  auto interval =
      api::DurationField(object_["spec"]["interval"], "spec.interval", absl::Minutes(1));
  const absl::Status valid =
      interval.ok() ? ReadSpec(object_["spec"]) : std::move(interval).status();
  if (!valid.ok()) return Stall(kFetchFailed, "InvalidSpec", valid);
  interval_ = *interval;
  if (object_["spec"]["suspend"].bool_or(false)) return Outcome::Suspended();
  if (const absl::Status shown = ShowProgress(ctx); !shown.ok()) {
    return Outcome::Failed("PatchOperationFailed", shown);
  }
  if (const absl::Status checked = CheckStorage(ctx); !checked.ok()) {
    return Fail(kStorageOperationFailed, "StatOperationFailed", checked);
  }
  timeline_.Enter("fetch", with_.clock.Now());
  return Publish(ctx);
}

absl::Status Reconciliation::ShowProgress(const Context& ctx) {
  Progress(/*drift=*/false, "reconciliation in progress");
  if (generation() != status_.observed_generation) {
    Progress(/*drift=*/false, absl::StrCat("processing object: new generation ",
                                           status_.observed_generation, " -> ", generation()));
    return Patch(ctx);
  }
  if (kube::Annotation(object_, api::kReconcileRequestAnnotation) !=
      status_.last_handled_reconcile_at) {
    return Patch(ctx);
  }
  return absl::OkStatus();
}

absl::Status Reconciliation::CheckStorage(const Context& ctx) {
  auto& artifact = status_.artifact;
  const auto collected =
      with_.storage.CollectGarbage(ctx.WithTimeout(kGarbageTimeout), source(), artifact);
  if (collected.ok() && *collected > 0) {
    Event(Severity::kTrace, "GarbageCollectionSucceeded",
          absl::StrCat("garbage collected ", *collected, " artifacts"));
  }
  if (artifact.has_value()) {
    const absl::Status intact = with_.storage.Verify(ctx, *artifact);
    if (absl::IsDataLoss(intact)) {
      Event(Severity::kError, "ArtifactVerificationFailed",
            absl::StrCat("failed to verify integrity of artifact: ", intact.message()));
    }
    if (intact.ok()) {
      with_.storage.SetUrl(*artifact);
      if (!status_.url.empty()) status_.url = with_.storage.UrlOnThisHost(status_.url);
      return absl::OkStatus();
    }
    // A bucket out of reach is no reason to forget what is in it.
    if (with_.storage.files().shared() && !absl::IsNotFound(intact) && !absl::IsDataLoss(intact)) {
      return Annotate(intact, "failed to verify the stored artifact");
    }
    artifact.reset();
    status_.url.clear();
    Progress(/*drift=*/true, "building artifact: disappeared from storage");
  } else {
    Progress(/*drift=*/true, "building artifact");
  }
  Delete(kArtifactInStorage);
  return absl::OkStatus();
}

void Reconciliation::Set(absl::string_view type, ConditionStatus condition,
                         absl::string_view reason, absl::string_view message) {
  status_.conditions.Set(type, condition, reason, message, generation(), with_.clock.Now());
}

Outcome Reconciliation::Fail(absl::string_view type, absl::string_view reason,
                             const absl::Status& error) {
  Set(type, ConditionStatus::kTrue, reason, error.message());
  return Outcome::Failed(std::string(reason), error);
}

Outcome Reconciliation::Stall(absl::string_view type, absl::string_view reason,
                              const absl::Status& error) {
  Set(type, ConditionStatus::kTrue, reason, error.message());
  return Outcome::Stalled(std::string(reason), error);
}

void Reconciliation::Progress(bool drift, absl::string_view message) {
  Delete(api::kStalled);
  Set(api::kReconciling, ConditionStatus::kTrue, api::kProgressingReason, message);
  const api::Condition* ready = status_.conditions.Find(api::kReady);
  if (drift || ready == nullptr || ready->status == ConditionStatus::kUnknown) {
    Set(api::kReady, ConditionStatus::kUnknown, api::kProgressingReason, message);
  }
}

absl::Status Reconciliation::AnnounceNew(const Context& ctx, absl::string_view reason,
                                         absl::string_view message) {
  timeline_.Enter("artifact", with_.clock.Now());
  if (status_.artifact.has_value()) {
    Set(kArtifactOutdated, ConditionStatus::kTrue, reason, message);
  }
  Progress(/*drift=*/true, absl::StrCat("building artifact: ", message));
  return Patch(ctx);
}

void Reconciliation::MarkStored(absl::string_view reason, absl::string_view message) {
  Delete(kArtifactOutdated);
  Set(kArtifactInStorage, ConditionStatus::kTrue, reason, message);
}

void Reconciliation::PublishLink(const Context& ctx, const api::Artifact& artifact,
                                 absl::string_view name) {
  if (auto url = with_.storage.Link(ctx, artifact, name); url.ok()) {
    status_.url = *std::move(url);
  } else {
    Event(Severity::kTrace, "SymlinkUpdateFailed",
          absl::StrCat("failed to update status URL symlink: ", url.status().message()));
  }
}

absl::Status Reconciliation::Patch(const Context& ctx) {
  if (status_.artifact.has_value() && before_.artifact.has_value()) {
    // Whoever hears of two takes the later one, so none is earlier than the one before it, even if
    // the clock was set back.
    absl::Time& time = status_.artifact->last_update_time;
    time = std::max(time, before_.artifact->last_update_time);
  }
  Value status = status_.Encode();
  EncodeObserved(status);
  return writer_.Patch(ctx, std::move(status));
}

void Reconciliation::Event(Severity severity, absl::string_view reason, absl::string_view message) {
  runtime::EventRecorder::Metadata metadata;
  if (status_.artifact.has_value()) {
    metadata[absl::StrCat(api::kSourceGroup, "/revision")] = status_.artifact->revision;
    metadata[absl::StrCat(api::kSourceGroup, "/digest")] = status_.artifact->digest;
  }
  with_.events.Record(object_, severity, reason, message, std::move(metadata));
}

void Reconciliation::Finish(const Outcome& outcome) {
  using Kind = Outcome::Kind;
  if (outcome.kind == Kind::kFailed || outcome.kind == Kind::kStalled) {
    Event(Severity::kError, outcome.reason, outcome.error.message());
  } else if (outcome.kind == Kind::kWaiting || outcome.kind == Kind::kNoChange) {
    Event(Severity::kTrace, outcome.reason, outcome.error.message());
  }
  if (const absl::string_view requested =
          kube::Annotation(object_, api::kReconcileRequestAnnotation);
      !requested.empty()) {
    status_.last_handled_reconcile_at = std::string(requested);
  }
  if (outcome.kind == Kind::kStalled) {
    Delete(api::kReconciling);
    Set(api::kStalled, ConditionStatus::kTrue, outcome.reason, outcome.error.message());
  } else if (outcome.kind != Kind::kAgain) {
    Delete(api::kStalled);
  }
  if (outcome.succeeded()) {
    Delete(api::kReconciling);
  } else if (const api::Condition* reconciling = status_.conditions.Find(api::kReconciling);
             reconciling != nullptr) {
    Set(api::kReconciling, reconciling->status, api::kProgressingWithRetryReason,
        std::string(reconciling->message));
  }
  const bool settled = outcome.succeeded() || outcome.kind == Kind::kStalled ||
                       (outcome.kind == Kind::kSuspended && !status_.conditions.all().empty());
  if (settled) status_.observed_generation = generation();
  api::Summarize(kind_.summary(), generation(), with_.clock.Now(), status_.conditions);
  if (const api::Condition* verified = status_.conditions.Find(kSourceVerified);
      verified != nullptr && verified->status == ConditionStatus::kFalse) {
    Set(api::kReady, ConditionStatus::kFalse, std::string(verified->reason),
        std::string(verified->message));
  }
}

bool Reconciliation::HadFailure() const {
  for (const absl::string_view type : kind_.failures) {
    if (before_.conditions.IsTrue(type)) return true;
  }
  return false;
}

void Reconciliation::Notify(const Outcome& outcome) {
  if (!outcome.succeeded() || !status_.artifact.has_value()) return;
  const std::string old_digest = before_.artifact.has_value() ? before_.artifact->digest : "";
  if (status_.artifact->digest != old_digest) {
    Event(Severity::kInfo, ArtifactEventReason(), ArtifactEventMessage());
  } else if (HadFailure()) {
    Event(Severity::kInfo, RecoveryEventReason(), ArtifactEventMessage());
  }
}

}  // namespace sluice::source_controller
