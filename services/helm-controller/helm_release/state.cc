// SPDX-License-Identifier: Apache-2.0
#include "services/helm-controller/helm_release/state.h"

#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/helm_rendering/values.h"
#include "common/kube/object.h"
#include "common/log/log.h"
#include "services/helm-controller/helm_release/history.h"

namespace sluice::helm_controller {
namespace {

using helm_release::Record;
using helm_release::Status;

Observed Is(ReleaseState state, std::string reason) { return {state, std::move(reason), {}}; }

// Whether what is rendered would differ though chart and values are the same. A mismatch at a
// generation that was reconciled already says nothing.
std::string ChangedRendering(const Session& session) {
  if (session.generation() == session.status.observed_generation) return "";
  if (session.PostRenderersDigest() != session.status.observed_post_renderers_digest) {
    return "postrenderers digest has changed";
  }
  if (session.CommonMetadataDigest() != session.status.observed_common_metadata_digest) {
    return "common metadata digest has changed";
  }
  return "";
}

absl::StatusOr<Observed> ObserveDeployed(const Context& ctx, Work& work, const Record& last,
                                         const api::Snapshot& latest) {
  Session& session = work.session;
  if (last.chart_name() != work.chart().name || last.chart_version() != work.chart().version) {
    return Is(ReleaseState::kOutOfSync, "release chart changed");
  }
  if (!helm_rendering::VerifyValues(latest.config_digest, work.request.values)) {
    return Is(ReleaseState::kOutOfSync, "release config values changed");
  }
  if (std::string changed = ChangedRendering(session); !changed.empty()) {
    return Is(ReleaseState::kOutOfSync, std::move(changed));
  }
  if (session.spec.test.enable) {
    if (!latest.HasBeenTested()) return Is(ReleaseState::kUntested, "release has not been tested");
    const ActivePolicy policy = ActivePolicyOf(session);
    if (!policy.kind.empty() && !policy.ignores_tests(session) && latest.HasTestInPhase("Failed")) {
      return Is(ReleaseState::kFailed, "release has test in failed phase");
    }
  }
  if (session.spec.drift_mode == api::DriftMode::kDisabled) return Is(ReleaseState::kInSync, "");
  Drift drift = DetectDrift(ctx, work, last);
  if (drift.empty()) {
    RETURN_IF_ERROR(drift.status);
    return Is(ReleaseState::kInSync, "");
  }
  if (!drift.status.ok()) {
    log::Error(ctx, drift.status, "diff of release against cluster state completed with errors");
  }
  return Observed{ReleaseState::kDrifted, drift.Lines(), std::move(drift)};
}

// A run that ended between two writes has left a deployed revision below the one it made.
absl::Status FinishSuperseding(const Context& ctx,
                               const std::vector<helm_release::Revision>& revisions,
                               const Record& last, Work& work) {
  if (last.intent.owner != kube::Uid(work.session.object())) return absl::OkStatus();
  work.with.storage.OnWrite([&](const Record& record) {
    NoteWritten(record, "", last.version, record.intent.oci_digest, work.session);
  });
  const absl::Status done = SupersedeDeployed(ctx, work.with, revisions, last.version);
  work.with.storage.OnWrite(nullptr);
  return done;
}

}  // namespace

absl::StatusOr<Observed> Observe(const Context& ctx, Work& work) {
  Session& session = work.session;
  const auto revisions = work.with.storage.List(ctx, work.request.name);
  const auto last = revisions.ok() ? helm_release::LastOf(*revisions) : revisions.status();
  if (absl::IsNotFound(last.status()) && revisions.ok()) {
    return Is(ReleaseState::kAbsent, "no release in storage for object");
  }
  if (!last.ok()) {
    return Annotate(last.status(), "failed to retrieve last release from storage");
  }
  RETURN_IF_ERROR(AdoptOwnRevisions(*revisions, session));
  const Status status = last->info.status;
  const std::string status_text(helm_release::ToText(status));
  // Flux gives up on a release whose uninstallation was cut short; here it is repaired as well.
  if (helm_release::IsPending(status) || status == Status::kUninstalling) {
    return Is(ReleaseState::kLocked, absl::StrCat("release with status '", status_text, "'"));
  }
  const api::Snapshot* latest = api::LatestOf(session.status.history);
  if (latest == nullptr) {
    return status == Status::kUninstalled
               ? Is(ReleaseState::kAbsent, "found uninstalled release in storage")
               : Is(ReleaseState::kUnmanaged, "found existing release in storage");
  }
  if (!IsAsObserved(*last, *latest)) {
    return Is(ReleaseState::kUnmanaged, "release not observed to be made for object");
  }
  switch (status) {
    case Status::kFailed:
      return Is(ReleaseState::kFailed, "release is in a failed state");
    case Status::kUninstalled:
      return Is(ReleaseState::kAbsent, "found uninstalled release in storage");
    case Status::kDeployed:
      RETURN_IF_ERROR(FinishSuperseding(ctx, *revisions, *last, work));
      latest = api::LatestOf(session.status.history);
      return ObserveDeployed(ctx, work, *last, *latest);
    default:  // a revision that is over stands on top, as those above it were deleted
      return Is(ReleaseState::kUnmanaged, absl::StrCat("release with status '", status_text, "'"));
  }
}

}  // namespace sluice::helm_controller
