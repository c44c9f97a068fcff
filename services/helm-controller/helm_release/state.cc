// SPDX-License-Identifier: Apache-2.0
#include "services/helm-controller/helm_release/state.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/helm_rendering/values.h"
#include "common/kube/object.h"
#include "common/log/log.h"
#include "services/helm-controller/helm_release/history.h"
#include "services/helm-controller/helm_release/identity.h"

namespace sluice::helm_controller {
namespace {

using helm_release::Record;
using helm_release::Status;

// `helm` tells nobody whether it is still at work. Most of its actions are over in this time, and
// for longer nobody is to wait for one that was killed.
constexpr absl::Duration kPatienceWithHelm = absl::Seconds(4);

Observed Is(ReleaseState state, std::string reason) { return {state, std::move(reason), {}, {}}; }

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

// `last` is read only to detect drift.
absl::StatusOr<Observed> ObserveDeployed(const Context& ctx, Work& work, const SeenRelease& seen,
                                         const Record* last) {
  Session& session = work.session;
  const api::Snapshot& latest = *api::LatestOf(session.status.history);
  if (seen.chart_name != work.chart().name || seen.chart_version != work.chart().version) {
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
  Drift drift = DetectDrift(ctx, work, *last);
  if (drift.empty()) {
    RETURN_IF_ERROR(drift.status);
    return Is(ReleaseState::kInSync, "");
  }
  if (!drift.status.ok()) {
    log::Error(ctx, work.session.Untold(drift.status),
               "diff of release against cluster state completed with errors");
  }
  return Observed{ReleaseState::kDrifted, drift.Lines(), std::move(drift), {}};
}

// A release in the middle of an action: whether there is still somebody at it.
absl::StatusOr<Observed> ObserveInterrupted(const Context& ctx, const Work& work,
                                            const std::vector<helm_release::Revision>& revisions,
                                            const Record& last) {
  absl::Duration wait;
  if (!last.intent.instance.empty()) {
    ASSIGN_OR_RETURN(wait, work.services.lease.Remaining(ctx, last.intent.instance));
  } else {
    const auto revision =
        std::find_if(revisions.begin(), revisions.end(),
                     [&](const helm_release::Revision& r) { return r.version() == last.version; });
    const absl::Duration age = work.services.clock.Now() - revision->modified();
    // An age below zero is a clock that goes wrong, and says nothing.
    if (age >= absl::ZeroDuration() && age < kPatienceWithHelm) wait = kPatienceWithHelm - age;
  }
  std::string reason =
      absl::StrCat("release with status '", helm_release::ToText(last.info.status), "'");
  if (wait == absl::ZeroDuration()) return Is(ReleaseState::kLocked, std::move(reason));
  return Observed{ReleaseState::kBusy, std::move(reason), {}, wait};
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

// Notes that the newest revision is deployed and as the history has it.
SeenRelease Remember(const Record& last, const std::vector<helm_release::Revision>& revisions,
                     const Work& work) {
  const api::Snapshot& latest = *api::LatestOf(work.session.status.history);
  SeenRelease seen = {helm_release::VersionsOf(revisions), latest.digest, last.chart_name(),
                      last.chart_version()};
  if (work.with.cluster.empty()) work.services.memory.Remember(work.session.key(), seen);
  return seen;
}

// What is known of the release, if the index shows that it still is so. If not, the index at least
// tells what is worth reading of it.
std::optional<SeenRelease> StillAsSeen(Work& work) {
  const Session& session = work.session;
  const Services& services = work.services;
  // The index is of our own cluster, and behind what we have just done.
  if (services.revisions == nullptr || !work.with.cluster.empty() ||
      work.with.storage.Knows(work.request.name)) {
    return std::nullopt;
  }
  auto indexed = services.revisions->RevisionsOf({work.with.storage.ns(), work.request.name});
  if (!indexed.has_value()) return std::nullopt;
  const api::Snapshot* const latest = api::LatestOf(session.status.history);
  const std::string versions = helm_release::VersionsOf(*indexed);
  // The index may not show yet what we did a moment ago. And a user who may not read the storage is
  // to be told so, even if there is nothing in it.
  const int64_t newest = indexed->empty() ? 0 : indexed->front().version();
  const bool is_behind = latest != nullptr && latest->version > newest;
  const bool tells_all = !indexed->empty() || UserOf(session, services.options).empty();
  if (!is_behind && tells_all) {
    work.with.storage.Expect(work.request.name, *std::move(indexed));
  }
  const auto seen = services.memory.Find(session.key());
  const bool is_as_seen = latest != nullptr && seen.has_value() && seen->digest == latest->digest &&
                          seen->versions == versions &&
                          session.spec.drift_mode == api::DriftMode::kDisabled;
  return is_as_seen ? seen : std::nullopt;
}

}  // namespace

absl::StatusOr<Observed> Observe(const Context& ctx, Work& work) {
  Session& session = work.session;
  if (const auto seen = StillAsSeen(work); seen.has_value()) {
    return ObserveDeployed(ctx, work, *seen, nullptr);
  }
  auto revisions = work.with.storage.List(ctx, work.request.name);
  const auto last = revisions.ok() ? helm_release::LastOf(*revisions) : revisions.status();
  if (absl::IsNotFound(last.status()) && revisions.ok()) {
    return Is(ReleaseState::kAbsent, "no release in storage for object");
  }
  if (!last.ok()) {
    return Annotate(last.status(), "failed to retrieve last release from storage");
  }
  if (NeedsAdoption(*last, session)) {
    revisions = work.with.storage.ListAnew(ctx, work.request.name);
    RETURN_IF_ERROR(revisions.status());
    RETURN_IF_ERROR(AdoptOwnRevisions(*revisions, session));
  }
  const Status status = last->info.status;
  const std::string status_text(helm_release::ToText(status));
  // Flux gives up on a release whose uninstallation was cut short; here it is repaired as well.
  if (helm_release::IsPending(status) || status == Status::kUninstalling) {
    return ObserveInterrupted(ctx, work, *revisions, *last);
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
      return ObserveDeployed(ctx, work, Remember(*last, *revisions, work), &*last);
    default:  // a revision that is over stands on top, as those above it were deleted
      return Is(ReleaseState::kUnmanaged, absl::StrCat("release with status '", status_text, "'"));
  }
}

}  // namespace sluice::helm_controller
