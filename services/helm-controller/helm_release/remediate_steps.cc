// Rollback, uninstall remediation, unlock.

// SPDX-License-Identifier: Apache-2.0
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "services/helm-controller/action/rollback.h"
#include "services/helm-controller/action/uninstall.h"
#include "services/helm-controller/helm_release/history.h"
#include "services/helm-controller/helm_release/inventory.h"
#include "services/helm-controller/helm_release/steps.h"

namespace sluice::helm_controller {
namespace {

using api::ConditionStatus;
using runtime::Severity;

void Conclude(bool succeeded, absl::string_view reason, const std::string& message,
              const api::Snapshot& about, Work& work) {
  Session& session = work.session;
  session.Set("Remediated", succeeded ? ConditionStatus::kTrue : ConditionStatus::kFalse, reason,
              message);
  session.Event(succeeded ? Severity::kInfo : Severity::kError, reason,
                succeeded ? message : absl::StrCat(message, work.with.log.ToText()),
                session.MetadataOf(about));
  if (!succeeded) ++session.status.failures;
}

}  // namespace

absl::Status RollbackStep(const Context& ctx, Work& work) {
  Session& session = work.session;
  const bool ignore_tests = session.spec.upgrade.remediation.ignore_test_failures.value_or(
      session.spec.test.ignore_failures);
  const api::Snapshot* const found = api::PreviousOf(session.status.history, ignore_tests);
  if (found == nullptr) return absl::NotFoundError("missing target release for rollback");
  const api::Snapshot target = *found;
  bool stored = false;
  int64_t made = 0;
  work.with.storage.OnWrite([&](const helm_release::Record& record) {
    stored = true;
    if (record.version > made) {
      made = record.version;
      TakeInventory(ctx, work, record);
    }
    NoteWritten(record, "rollback", made, target.oci_digest, session);
  });
  work.with.log.Clear();
  helm_release::Intent intent = work.request.intent;
  intent.oci_digest = target.oci_digest;
  const absl::Status done = Rollback(ctx, work.with, target.name, target.version,
                                     session.spec.max_history, session.spec.rollback, intent);
  work.with.storage.OnWrite(nullptr);
  const std::string message =
      absl::StrCat("Helm rollback to previous release ", target.FullReleaseName(), " with chart ",
                   target.VersionedChartName());
  if (done.ok()) {
    Conclude(true, "RollbackSucceeded", absl::StrCat(message, " succeeded"), target, work);
  } else {
    Conclude(false, "RollbackFailed", absl::StrCat(message, " failed: ", done.message()), target,
             work);
  }
  session.Summarize();
  return stored ? absl::OkStatus() : done;
}

absl::Status UninstallRemediationStep(const Context& ctx, Work& work) {
  Session& session = work.session;
  const api::Snapshot* const found = api::LatestOf(session.status.history);
  if (found == nullptr) return absl::NotFoundError("no latest release to uninstall");
  const api::Snapshot latest = *found;
  bool stored = false;
  work.with.storage.OnWrite([&](const helm_release::Record& record) {
    stored = true;
    NoteWritten(record, "uninstall-remediation", latest.version, latest.oci_digest, session);
  });
  work.with.log.Clear();
  absl::Status done = Uninstall(ctx, work.with, latest.name, session.spec.uninstall);
  work.with.storage.OnWrite(nullptr);
  if (done.ok() && !session.spec.uninstall.keep_history) {
    // The last state was not stored, as all revisions are gone.
    api::Snapshot* const gone = api::LatestOf(session.status.history);
    gone->status = "uninstalled";
  }
  const std::string message =
      absl::StrCat("Helm uninstall remediation for release ", latest.FullReleaseName(),
                   " with chart ", latest.VersionedChartName());
  if (done.ok()) {
    Conclude(true, "UninstallSucceeded", absl::StrCat(message, " succeeded"), latest, work);
    return absl::OkStatus();
  }
  Conclude(false, "UninstallFailed", absl::StrCat(message, " failed: ", done.message()), latest,
           work);
  return stored ? absl::OkStatus() : done;
}

namespace {

// Marks a pending revision as failed.
absl::Status Unlock(const Context& ctx, const Environment& with, helm_release::Record& record) {
  record.info.description = absl::StrCat("Release unlocked from stale '",
                                         helm_release::ToText(record.info.status), "' state");
  record.info.status = helm_release::Status::kFailed;
  return with.storage.Update(ctx, record);
}

// Those below the last one are in nobody's way, but look as if somebody were at work.
absl::Status UnlockOlder(const Context& ctx, const Environment& with,
                         const std::vector<helm_release::Revision>& revisions, int64_t last) {
  for (const helm_release::Revision& revision : revisions) {
    if (!helm_release::IsPending(revision.status()) || revision.version() == last) continue;
    ASSIGN_OR_RETURN(helm_release::Record record, revision.Decode());
    RETURN_IF_ERROR(Unlock(ctx, with, record));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status UnlockStep(const Context& ctx, Work& work) {
  Session& session = work.session;
  ASSIGN_OR_RETURN(const auto revisions, work.with.storage.List(ctx, work.request.name));
  ASSIGN_OR_RETURN(helm_release::Record last, helm_release::LastOf(revisions));
  const bool interrupted = helm_release::IsPending(last.info.status) ||
                           last.info.status == helm_release::Status::kUninstalling;
  if (!interrupted) return absl::OkStatus();
  const std::string pending(helm_release::ToText(last.info.status));
  absl::Status done = Unlock(ctx, work.with, last);
  if (done.ok()) done = UnlockOlder(ctx, work.with, revisions, last.version);
  // In the history are only those that we made; another's goes on being unmanaged.
  const api::Snapshot* const latest = api::LatestOf(session.status.history);
  api::Snapshot about = SnapshotOf(last, "", work.config_digest, session.digest_algorithm);
  if (done.ok() && latest != nullptr && latest->SameRevision(about)) {
    NoteWritten(last, latest->action, last.version, latest->oci_digest, session);
  }
  const std::string what = absl::StrCat(about.FullReleaseName(), " with chart ",
                                        about.VersionedChartName(), " in ", pending, " state");
  if (done.ok()) {
    const std::string message = absl::StrCat("Unlocked Helm release ", what);
    session.Set("Released", ConditionStatus::kFalse, "PendingRelease", message);
    session.Event(Severity::kInfo, "PendingRelease", message, session.MetadataOf(about));
  } else {
    const std::string message =
        absl::StrCat("Unlock of Helm release ", what, " failed: ", done.message());
    session.Set("Released", ConditionStatus::kFalse, "PendingRelease", message);
    session.Event(Severity::kError, "PendingRelease", message, session.MetadataOf(about));
    ++session.status.failures;
  }
  session.Summarize();
  return done;
}

}  // namespace sluice::helm_controller
