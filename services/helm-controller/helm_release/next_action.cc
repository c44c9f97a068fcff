// SPDX-License-Identifier: Apache-2.0
#include "services/helm-controller/helm_release/next_action.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/api/meta/names.h"
#include "common/base/status_macros.h"
#include "services/helm-controller/helm_release/history.h"

namespace sluice::helm_controller {
namespace {

using api::ConditionStatus;
using runtime::Severity;

Choice Do(ActionKind kind) { return {kind, "", ""}; }

Choice RetriesExceeded(const ActivePolicy& policy) {
  return {ActionKind::kNone, "RetriesExceeded",
          absl::StrCat("Failed to ", policy.kind, " after ", policy.failures, " attempt(s)")};
}

std::string Succeeded(absl::string_view action, const api::Snapshot& snapshot) {
  return absl::StrCat("Helm ", action, " succeeded for release ", snapshot.FullReleaseName(),
                      " with chart ", snapshot.VersionedChartName());
}

// A remediation that the spec has caught up with is no longer the last word.
void ForgetRemediation(const api::Snapshot& latest, Session& session) {
  if (!session.status.conditions.IsTrue("Remediated")) return;
  session.status.conditions.Delete("Remediated");
  session.Set("Released", ConditionStatus::kTrue, "UpgradeSucceeded", Succeeded("upgrade", latest));
  session.Summarize();
}

// Conditions tell of a failure that is no longer one.
void ForgetFailure(const api::Snapshot& latest, Session& session) {
  const api::Conditions& conditions = session.status.conditions;
  if (conditions.IsTrue(api::kReady) && conditions.IsTrue("Released")) return;
  const api::Condition* const released = conditions.Find("Released");
  if (released == nullptr) return;
  const bool install = absl::StartsWith(released->reason, "Install");
  if (!install && !absl::StartsWith(released->reason, "Upgrade")) return;
  if (released->status != ConditionStatus::kTrue) {
    session.Set("Released", ConditionStatus::kTrue,
                install ? "InstallSucceeded" : "UpgradeSucceeded",
                Succeeded(install ? "install" : "upgrade", latest));
  }
  session.Summarize();
}

Choice WhenInSync(Work& work) {
  Session& session = work.session;
  const ActivePolicy policy = ActivePolicyOf(session);
  if (policy.retries) {
    api::TruncateToFive(session.status.history);
  } else {
    api::Truncate(policy.ignores_tests(session), session.status.history);
  }
  if (work.force) return Do(ActionKind::kUpgrade);
  const api::Snapshot& latest = *api::LatestOf(session.status.history);
  ForgetRemediation(latest, session);
  ForgetFailure(latest, session);
  if (session.spec.drift_mode != api::DriftMode::kDisabled) {
    session.Set("Drifted", ConditionStatus::kFalse, "NoDriftDetected",
                "No drift detected against the cluster state");
  }
  return {};
}

Choice WhenAbsent(const Work& work) {
  const ActivePolicy policy = ActivePolicyOf(work.session);
  const bool exhausted =
      work.session.spec.install.remediation.Exhausted(work.session.status.install_failures);
  if (!exhausted || work.force) return Do(ActionKind::kInstall);
  ActivePolicy install = policy;
  install.kind = "install";
  install.failures = work.session.status.install_failures;
  return RetriesExceeded(install);
}

Choice WhenOutOfSync(const Work& work) {
  const bool exhausted =
      work.session.spec.upgrade.remediation.Exhausted(work.session.status.upgrade_failures);
  if (!exhausted || work.force) return Do(ActionKind::kUpgrade);
  ActivePolicy upgrade = ActivePolicyOf(work.session);
  upgrade.kind = "upgrade";
  upgrade.failures = work.session.status.upgrade_failures;
  return RetriesExceeded(upgrade);
}

Choice WhenDrifted(const Observed& observed, Work& work) {
  Session& session = work.session;
  const api::Snapshot& latest = *api::LatestOf(session.status.history);
  const std::string message =
      absl::StrCat("Cluster state of release ", latest.FullReleaseName(),
                   " has drifted from the desired state:\n", observed.reason);
  session.Set("Drifted", ConditionStatus::kTrue, "DriftDetected", message);
  session.Event(Severity::kError, "DriftDetected", message, session.MetadataOf(latest));
  return session.spec.drift_mode == api::DriftMode::kEnabled ? Do(ActionKind::kCorrectDrift)
                                                             : Choice{};
}

// A rollback goes to what the history remembers, as long as the storage has it unchanged.
absl::StatusOr<Choice> RollBackOrUpgrade(const Context& ctx, const ActivePolicy& policy,
                                         Work& work) {
  const api::Snapshot* const previous =
      api::PreviousOf(work.session.status.history, policy.ignores_tests(work.session));
  if (previous == nullptr) {
    return Choice{ActionKind::kNone, "MissingRollbackTarget",
                  "Failed to perform remediation: missing target release for rollback: cannot "
                  "remediate failed release"};
  }
  const auto record = work.with.storage.Get(ctx, previous->name, previous->version);
  if (absl::IsNotFound(record.status())) return Do(ActionKind::kUpgrade);
  RETURN_IF_ERROR(record.status());
  return Do(IsAsObserved(*record, *previous) ? ActionKind::kRollback : ActionKind::kUpgrade);
}

absl::StatusOr<Choice> WhenFailed(const Context& ctx, Work& work) {
  Session& session = work.session;
  const ActivePolicy policy = ActivePolicyOf(session);
  if (policy.retries) {
    api::TruncateToFive(session.status.history);
    return Do(ActionKind::kUpgrade);
  }
  if (!policy.has_remediation() || policy.failures <= 0 || work.force) {
    return Do(ActionKind::kUpgrade);
  }
  if (policy.remediation.Exhausted(policy.failures) && !policy.remediates_last()) {
    return RetriesExceeded(policy);
  }
  api::Truncate(policy.ignores_tests(session), session.status.history);
  if (policy.remediation.uninstall) return Do(ActionKind::kUninstallRemediation);
  return RollBackOrUpgrade(ctx, policy, work);
}

}  // namespace

absl::string_view NameOf(ActionKind kind) {
  switch (kind) {
    case ActionKind::kNone:
      return "";
    case ActionKind::kInstall:
      return "install";
    case ActionKind::kUpgrade:
      return "upgrade";
    case ActionKind::kTest:
      return "test";
    case ActionKind::kRollback:
      return "rollback";
    case ActionKind::kUninstallRemediation:
      return "uninstall";
    case ActionKind::kUnlock:
      return "unlock";
    case ActionKind::kCorrectDrift:
      return "correct cluster drift";
  }
  return "";
}

absl::Duration TimeoutOf(ActionKind kind, const api::HelmReleaseSpec& spec) {
  switch (kind) {
    case ActionKind::kInstall:
      return spec.install.timeout;
    case ActionKind::kUpgrade:
      return spec.upgrade.timeout;
    case ActionKind::kTest:
      return spec.test.timeout;
    case ActionKind::kRollback:
      return spec.rollback.timeout;
    case ActionKind::kUninstallRemediation:
      return spec.uninstall.timeout;
    default:
      return spec.timeout;
  }
}

ActionClass ClassOf(ActionKind kind) {
  switch (kind) {
    case ActionKind::kTest:
      return ActionClass::kTest;
    case ActionKind::kRollback:
    case ActionKind::kUninstallRemediation:
      return ActionClass::kRemediate;
    case ActionKind::kUnlock:
      return ActionClass::kUnlock;
    case ActionKind::kCorrectDrift:
      return ActionClass::kDriftCorrection;
    default:
      return ActionClass::kRelease;
  }
}

absl::StatusOr<Choice> Choose(const Context& ctx, const Observed& observed, Work& work) {
  switch (observed.state) {
    case ReleaseState::kInSync:
      return WhenInSync(work);
    case ReleaseState::kBusy:
      return Choice{};
    case ReleaseState::kLocked:
      return Do(ActionKind::kUnlock);
    case ReleaseState::kAbsent:
      return WhenAbsent(work);
    case ReleaseState::kUnmanaged:
      work.session.status.history.clear();
      return Do(ActionKind::kUpgrade);
    case ReleaseState::kOutOfSync:
      return WhenOutOfSync(work);
    case ReleaseState::kDrifted:
      return WhenDrifted(observed, work);
    case ReleaseState::kUntested:
      ForgetRemediation(*api::LatestOf(work.session.status.history), work.session);
      return Do(ActionKind::kTest);
    case ReleaseState::kFailed:
      return WhenFailed(ctx, work);
  }
  return Choice{};
}

}  // namespace sluice::helm_controller
