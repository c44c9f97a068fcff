// SPDX-License-Identifier: Apache-2.0
#include "services/helm-controller/helm_release/release_loop.h"

#include <set>

#include "absl/strings/str_cat.h"
#include "common/api/meta/names.h"
#include "common/base/duration.h"
#include "common/base/status_macros.h"
#include "common/log/log.h"
#include "services/helm-controller/helm_release/next_action.h"
#include "services/helm-controller/helm_release/state.h"
#include "services/helm-controller/helm_release/steps.h"

namespace sluice::helm_controller {
namespace {

using api::ConditionStatus;

LoopResult Fail(absl::Status error) { return {LoopEnd::kError, {}, std::move(error)}; }

LoopResult RetryLater(const ActivePolicy& policy, Session& session) {
  session.Reconciling(api::kProgressingWithRetryReason,
                      absl::StrCat("retrying after ", FormatGoDuration(policy.retry_interval)));
  return {LoopEnd::kRetryLater, policy.retry_interval, absl::OkStatus()};
}

LoopResult Again(Session& session) {
  const api::Condition* const ready = session.status.conditions.Find(api::kReady);
  session.Reconciling(api::kProgressingWithRetryReason,
                      ready == nullptr ? "" : std::string(ready->message));
  return {LoopEnd::kAgain, {}, absl::OkStatus()};
}

LoopResult LeaveAlone(const Observed& observed, Session& session) {
  session.Reconciling(api::kProgressingReason,
                      absl::StrCat("Waiting for somebody else to finish: ", observed.reason));
  return {LoopEnd::kBusy, observed.wait, absl::OkStatus()};
}

// What was to be done was done already in this run.
LoopResult Repeated(Session& session) {
  const ActivePolicy policy = ActivePolicyOf(session);
  if (!policy.kind.empty() && policy.retries) return RetryLater(policy, session);
  if (!policy.has_remediation() || !policy.remediation.Exhausted(policy.failures)) {
    return Again(session);
  }
  session.status.conditions.Delete(api::kReconciling);
  return {};
}

LoopResult AfterRemediation(Session& session) {
  const ActivePolicy policy = ActivePolicyOf(session);
  if (!policy.kind.empty() && policy.retries) return RetryLater(policy, session);
  // After an uninstallation in place of a rollback the release has to be installed again.
  const bool reinstalls = policy.kind == "upgrade" && policy.remediation.uninstall;
  if (!policy.has_remediation() || !policy.remediation.Exhausted(policy.failures) || reinstalls) {
    return Again(session);
  }
  session.Stall("RetriesExceeded",
                absl::StrCat("Failed to ", policy.kind, " after ", policy.failures, " attempt(s)"));
  return {LoopEnd::kStalled, {}, absl::OkStatus()};
}

absl::Status Run(const Context& ctx, ActionKind kind, const Observed& observed, Work& work) {
  work.session.timeline.Enter(NameOf(kind), work.session.clock().Now());
  ASSIGN_OR_RETURN(const ActionLease::Held held, work.services.lease.Hold(ctx));
  // For charts that bring kinds or API services with them while they run.
  if (!work.session.spec.raw["persistentClient"].bool_or(true)) {
    work.with.discovery.Invalidate();
    work.with.capabilities.Invalidate(work.with.cluster);
  }
  switch (kind) {
    case ActionKind::kInstall:
      return InstallStep(ctx, work);
    case ActionKind::kUpgrade:
      return UpgradeStep(ctx, work);
    case ActionKind::kTest:
      return TestStep(ctx, work);
    case ActionKind::kRollback:
      return RollbackStep(ctx, work);
    case ActionKind::kUninstallRemediation:
      return UninstallRemediationStep(ctx, work);
    case ActionKind::kUnlock:
      return UnlockStep(ctx, work);
    case ActionKind::kCorrectDrift:
      CorrectDrift(ctx, work, observed.drift);
      work.session.Summarize();
      return absl::OkStatus();
    case ActionKind::kNone:
      break;
  }
  return absl::OkStatus();
}

// Says what is begun. Others are told once it takes time (Environment::before_waiting).
void Announce(ActionKind kind, Session& session) {
  const std::string message = absl::StrCat("Running '", NameOf(kind), "' action with timeout of ",
                                           FormatGoDuration(TimeoutOf(kind, session.spec)));
  session.Reconciling(api::kProgressingReason, message);
  if (ClassOf(kind) == ActionClass::kRelease) {
    session.Ready(ConditionStatus::kUnknown, api::kProgressingReason, message);
  }
}

}  // namespace

LoopResult RunRelease(const Context& ctx, Work& work) {
  Session& session = work.session;
  work.with.before_waiting = [&ctx, &session] {
    const absl::Status told = session.Patch(ctx);
    if (!told.ok()) log::Error(ctx, told, "cannot tell what is being waited for");
  };
  std::set<ActionClass> finished;
  while (true) {
    if (const absl::Status running = ctx.Check(); !running.ok()) return Fail(running);
    const auto observed = Observe(ctx, work);
    if (!observed.ok()) {
      session.Ready(
          ConditionStatus::kFalse, "StateError",
          absl::StrCat("Could not determine release state: ", observed.status().message()));
      return Fail(observed.status());
    }
    log::Debug(ctx, "Observed release",
               {{"state", absl::StrCat(static_cast<int>(observed->state))},
                {"reason", session.secrets.Masked(observed->reason)}});
    if (observed->state == ReleaseState::kBusy) return LeaveAlone(*observed, session);
    const auto choice = Choose(ctx, *observed, work);
    if (!choice.ok()) return Fail(choice.status());
    if (!choice->stalled_reason.empty()) {
      session.Stall(choice->stalled_reason, choice->stalled_message);
      return {LoopEnd::kStalled, {}, absl::OkStatus()};
    }
    if (choice->action == ActionKind::kNone) {
      session.status.conditions.Delete(api::kReconciling);
      session.Summarize();
      return {};
    }
    const ActionClass kind = ClassOf(choice->action);
    if (finished.contains(kind)) return Repeated(session);
    const bool was_ready = session.status.conditions.IsTrue(api::kReady);
    Announce(choice->action, session);
    const absl::Status done = Run(ctx, choice->action, *observed, work);
    if (work.with.cancels_waits && !session.status.conditions.IsTrue("Released") &&
        !work.with.changes.superseded_by().empty()) {
      return {LoopEnd::kSuperseded, {}, absl::OkStatus()};
    }
    if (!done.ok()) {
      const ActivePolicy policy = ActivePolicyOf(session);
      if (!policy.kind.empty() && policy.retries) return RetryLater(policy, session);
      if (was_ready && session.status.conditions.IsTrue(api::kReady)) {
        session.Ready(ConditionStatus::kFalse, "ReconcileError", done.message());
      }
      return Fail(done);
    }
    if (kind == ActionClass::kRemediate) return AfterRemediation(session);
    finished.insert(kind);
  }
}

}  // namespace sluice::helm_controller
