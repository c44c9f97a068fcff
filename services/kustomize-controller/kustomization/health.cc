// SPDX-License-Identifier: Apache-2.0
#include "services/kustomize-controller/kustomization/health.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/api/meta/names.h"
#include "common/base/duration.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/kube/object.h"
#include "common/ssa/readiness.h"

namespace sluice::kustomize_controller {
namespace {

using api::ConditionStatus;
using runtime::Severity;

// Of objects that no watch tells of.
constexpr absl::Duration kPoll = absl::Seconds(1);
constexpr absl::Duration kLookLimit = absl::Seconds(30);

// The objects whose health counts, with where they are served.
absl::StatusOr<std::vector<ssa::WatchedObject>> Targets(const Context& ctx,
                                                        kube::Discovery& discovery,
                                                        const Session& session,
                                                        const ssa::ChangeSet& changes,
                                                        const Memory& memory) {
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
    const bool vanishes =
        memory.build.has_value() && memory.build->vanishing.contains(id.ToString());
    targets.push_back({std::move(id), std::move(resource).value(), vanishes});
  }
  return targets;
}

HealthOutcome Fail(Session& session, absl::Time started, const absl::Status& cause) {
  const absl::Status error =
      Annotate(cause, absl::StrCat("health check failed after ",
                                   FormatGoDuration(session.clock().Now() - started)));
  session.Set(api::kHealthy, ConditionStatus::kFalse, "HealthCheckFailed", cause.message());
  return {HealthOutcome::State::kFailed, error};
}

void Pass(Session& session, absl::Time started, const ssa::ChangeSet& changes) {
  const std::string passed =
      absl::StrCat("Health check passed in ", FormatGoDuration(session.clock().Now() - started));
  const bool applied_something =
      std::any_of(changes.begin(), changes.end(), [](const ssa::Change& c) { return c.changed(); });
  const bool new_revision = session.revision != session.status.last_applied_revision;
  if (!session.was_healthy() || (new_revision && applied_something)) {
    session.Event(Severity::kInfo, passed);
  }
  if (!session.was_healthy() || applied_something) {
    session.Set(api::kHealthy, ConditionStatus::kTrue, api::kSucceededReason, passed);
  }
}

}  // namespace

HealthOutcome CheckHealth(const Context& ctx, const remote_cluster::Target& target,
                          const ssa::HealthRules& rules, bool fail_fast,
                          const ssa::ChangeSet& changes, Memory& memory, Session& session) {
  Clock& clock = session.clock();
  absl::Time started = clock.Now();
  if (memory.waiting.has_value()) {
    // Not later than now, even if the clock was set back.
    started = memory.waiting->started = std::min(memory.waiting->started, started);
  }
  const auto targets = Targets(ctx, target.discovery(), session, changes, memory);
  if (!targets.ok()) {
    memory.waiting.reset();
    return Fail(session, started, targets.status());
  }
  if (targets->empty()) {
    memory.waiting.reset();
    session.status.conditions.Delete(api::kHealthy);
    return {};
  }
  ssa::ReadinessOptions options;
  options.live = target.live();
  options.memo = memory.applied.get();
  options.has_rule = [&](const kube::GroupVersionKind& gvk) { return rules.Has(gvk); };
  options.rule = [&](const Value& live) { return rules.Evaluate(live); };
  options.fail_fast = fail_fast;
  const ssa::ReadinessReport report = ssa::CheckReadiness(
      ctx.WithTimeout(kLookLimit), target.client(), *targets, options, clock.Now());
  const absl::Duration left = started + session.spec.timeout - clock.Now();
  if (report.AllCurrent()) {
    memory.waiting.reset();
    Pass(session, started, changes);
    return {};
  }
  if (report.HasFailed() || left <= absl::ZeroDuration()) {
    memory.waiting.reset();
    return Fail(session, started, report.HasFailed() ? report.Failure() : report.Timeout());
  }
  if (!memory.waiting.has_value()) {
    memory.waiting = HealthWait{
        session.revision,
        session.generation(),
        std::string(kube::Annotation(session.object(), api::kReconcileRequestAnnotation)),
        session.started(),
        started,
        changes};
    const std::string message =
        absl::StrCat("Running health checks for revision ", session.revision, " with a timeout of ",
                     FormatGoDuration(session.spec.timeout));
    session.Set(api::kHealthy, ConditionStatus::kUnknown, api::kProgressingReason, message);
    session.SetProgress(message);
  }
  return {HealthOutcome::State::kWaiting, absl::OkStatus(),
          report.NeedsPolling() ? std::min(kPoll, left) : left};
}

}  // namespace sluice::kustomize_controller
