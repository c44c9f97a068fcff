// SPDX-License-Identifier: Apache-2.0
#include "services/helm-controller/helm_release/reconciler.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/api/kinds.h"
#include "common/api/meta/names.h"
#include "common/base/duration.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/helm_rendering/post_render.h"
#include "common/helm_rendering/values.h"
#include "common/kube/object.h"
#include "common/runtime/finalizer.h"
#include "common/runtime/object_loader.h"
#include "services/helm-controller/helm_release/chart_object.h"
#include "services/helm-controller/helm_release/dependencies.h"
#include "services/helm-controller/helm_release/finalize.h"
#include "services/helm-controller/helm_release/identity.h"
#include "services/helm-controller/helm_release/release_loop.h"
#include "services/helm-controller/helm_release/source.h"

namespace sluice::helm_controller {
namespace {

using api::ConditionStatus;
using runtime::Action;
using runtime::Severity;

// What is missing in the reference to the chart, in words that say what to add; "" if all is well.
std::string MissingReference(const Value& spec) {
  const bool chart = spec["chart"].is_object();
  const bool reference = spec["chartRef"].is_object();
  if (chart && reference) {
    return "spec has both chart and chartRef; remove one of them";
  }
  if (!chart && !reference) {
    return "spec has neither chart nor chartRef; add chartRef with the kind and name of an "
           "OCIRepository or HelmChart, or chart with a chart's name and its sourceRef";
  }
  const Value& from = spec["chart"]["spec"];
  if (reference || !from["sourceRef"]["name"].str().empty()) return "";
  return absl::StrCat("spec.chart.spec.sourceRef is missing, so nobody knows where chart '",
                      from["chart"].str(),
                      "' comes from; add sourceRef with the kind (HelmRepository, GitRepository "
                      "or Bucket) and name of its source");
}

// Whether `annotation` asks for something in the same breath as requestedAt does, for the first
// time. The value counts as handled from now on, whatever the answer.
bool IsRequested(const Session& session, absl::string_view annotation, std::string& last_handled) {
  const std::string value(kube::Annotation(session.object(), annotation));
  if (value.empty()) return false;
  const std::string requested(kube::Annotation(session.object(), api::kReconcileRequestAnnotation));
  const std::string before = std::exchange(last_handled, value);
  return value == requested && value != before &&
         requested != session.status.last_handled_reconcile_at;
}

// Counters are about one chart, one set of values and one spec.
void ResetFailures(const std::string& chart_version, const Value& values, Session& session) {
  api::HelmReleaseStatus& status = session.status;
  const bool asked =
      IsRequested(session, api::kResetRequestAnnotation, status.last_handled_reset_at);
  const bool changed = status.last_attempted_generation != session.generation() ||
                       status.last_attempted_revision != chart_version ||
                       (!status.last_attempted_config_digest.empty() &&
                        !helm_rendering::VerifyValues(status.last_attempted_config_digest, values));
  if (!asked && !changed) return;
  status.failures = 0;
  status.install_failures = 0;
  status.upgrade_failures = 0;
}

// Whether the history is about another release than the spec is now.
bool TargetChanged(const Session& session, const std::string& chart_name) {
  const api::Snapshot* const latest = api::LatestOf(session.status.history);
  if (session.status.storage_namespace.empty() || latest == nullptr) return false;
  const api::HelmReleaseSpec& spec = session.spec;
  return session.status.storage_namespace != spec.storage_namespace ||
         latest->ns != spec.target_namespace || latest->name != spec.release_name ||
         (latest->chart_name != chart_name && !spec.upgrade.in_place_chart_name_change);
}

// Feature gates change what absent fields mean.
void ApplyGates(const runtime::FeatureGates& gates, api::HelmReleaseSpec& spec) {
  if (gates.Enabled(kUseHelm3Defaults)) {
    if (spec.raw["install"]["serverSideApply"].is_null()) {
      spec.install.server_side_apply = api::ApplyMode::kDisabled;
    }
    if (spec.raw["waitStrategy"]["name"].is_null()) spec.legacy_wait = true;
  }
  if (!gates.Enabled(kDefaultToRetryOnFailure)) return;
  if (spec.raw["install"]["strategy"].is_null()) spec.install.retry_on_failure = true;
  if (spec.raw["upgrade"]["strategy"].is_null()) spec.upgrade.retry_on_failure = true;
}

}  // namespace

HelmReleaseReconciler::HelmReleaseReconciler(const runtime::Store& store, const Services& services)
    : services_(services),
      loader_(store, services_.client, api::KindOrDie("HelmRelease"), kFieldManager) {}

absl::StatusOr<Action> HelmReleaseReconciler::Reconcile(const Context& ctx,
                                                        const kube::ObjectKey& key) {
  ASSIGN_OR_RETURN(std::optional<Value> object, loader_.Load(ctx, key));
  if (!object.has_value()) {
    services_.memory.Forget(key);
    return Action::AwaitChange();
  }
  Session session(services_.client, services_.events, services_.clock, std::move(*object));
  session.digest_algorithm = services_.options.snapshot_digest_algorithm;
  auto spec = api::DecodeHelmReleaseSpec(key, session.object()["spec"]);
  Outcome outcome{Action::AwaitChange(), true};
  if (!spec.ok()) {
    session.Stall("InvalidSpec", spec.status().message());
    session.Ready(ConditionStatus::kFalse, "InvalidSpec", spec.status().message());
    session.Event(Severity::kError, "InvalidSpec", spec.status().message());
  } else {
    session.spec = *std::move(spec);
    ApplyGates(services_.options.process.feature_gates, session.spec);
    if (kube::Deleting(session.object())) return Remove(ctx, session);
    if (!session.spec.suspend) outcome = Run(ctx, session);
  }
  if (const absl::string_view requested =
          kube::Annotation(session.object(), api::kReconcileRequestAnnotation);
      !requested.empty()) {
    session.status.last_handled_reconcile_at = std::string(requested);
  }
  if (outcome.observed) session.status.observed_generation = session.generation();
  // What an interrupted run has found out is worth keeping.
  const absl::Status patched = session.Patch(LastContext(ctx));
  loader_.NoteWrite(key, session.resource_version());
  RETURN_IF_ERROR(patched);
  RETURN_IF_ERROR(session.Untold(outcome.action.status()));
  return outcome.action;
}

HelmReleaseReconciler::Outcome HelmReleaseReconciler::Waits(Session& session,
                                                            absl::string_view reason,
                                                            absl::string_view message) const {
  session.Ready(ConditionStatus::kFalse, reason, message);
  return {Action::After(services_.options.process.requeue_dependency), false};
}

HelmReleaseReconciler::Outcome HelmReleaseReconciler::Run(const Context& ctx, Session& session) {
  const auto stall = [&](absl::string_view reason, const std::string& message) {
    session.Stall(reason, message);
    session.Ready(ConditionStatus::kFalse, reason, message);
    session.Event(Severity::kError, reason, message);
    return Outcome{Action::AwaitChange(), true};
  };
  if (const std::string missing = MissingReference(session.spec.raw); !missing.empty()) {
    return stall("InvalidChartReference", missing);
  }
  if (const auto rules = ssa::HealthRules::Compile(session.spec.raw["healthCheckExprs"]);
      !rules.ok()) {
    return stall("InvalidCELExpression",
                 absl::StrCat("Reconciliation failed terminally due to configuration error: ",
                              rules.status().message()));
  }
  const absl::Status chart = ReconcileChartObject(ctx, services_, session);
  if (absl::IsPermissionDenied(chart) && absl::StrContains(chart.message(), "cross-namespace")) {
    return stall("AccessDenied", std::string(chart.message()));
  }
  if (!chart.ok()) return {chart, false};
  return Release(ctx, session);
}

HelmReleaseReconciler::Outcome HelmReleaseReconciler::Release(const Context& ctx,
                                                              Session& session) {
  const Options& options = services_.options;
  session.Reconciling(api::kProgressingReason, "Fulfilling prerequisites");
  const auto stall = [&](absl::string_view reason, const std::string& message) {
    session.Stall(reason, message);
    session.Ready(ConditionStatus::kFalse, reason, message);
    session.Event(Severity::kError, reason, message);
    return Outcome{Action::AwaitChange(), true};
  };
  const auto fail = [&](absl::string_view reason, const absl::Status& error, bool event) {
    session.Ready(ConditionStatus::kFalse, reason, error.message());
    if (event) session.Event(Severity::kError, reason, error.message());
    return Outcome{error, false};
  };

  const absl::Status dependencies = CheckDependencies(
      ctx, services_, session, options.process.feature_gates.Enabled(kAdditiveCelDependencyCheck));
  if (absl::IsInvalidArgument(dependencies)) {
    return stall("InvalidCELExpression",
                 absl::StrCat("Reconciliation failed terminally due to configuration error: ",
                              dependencies.message()));
  }
  if (!dependencies.ok()) {
    session.Event(Severity::kInfo, "DependencyNotReady", dependencies.message());
    return Waits(session, "DependencyNotReady", dependencies.message());
  }
  session.Passed("DependencyNotReady");

  const auto source = GetSource(ctx, services_, session);
  if (absl::IsPermissionDenied(source.status()) &&
      absl::StrContains(source.status().message(), "can't access")) {
    return stall("AccessDenied", std::string(source.status().message()));
  }
  if (!source.ok()) {
    return fail("ArtifactFailed", Annotate(source.status(), "could not get Source object"), false);
  }
  const auto artifact = ReadyArtifact(*source);
  if (!artifact.ok()) return Waits(session, "SourceNotReady", artifact.status().message());
  session.Passed("SourceNotReady");

  const auto values = helm_rendering::ComposeValues(ctx, services_.client, session.key().ns,
                                                    session.spec, &session.secrets);
  for (const std::string& name : {session.spec.release_name, session.spec.target_namespace,
                                  session.key().ns, session.key().name}) {
    session.secrets.Tell(name);
  }
  if (!values.ok()) return fail("ValuesError", values.status(), true);
  session.Passed("ValuesError");

  const absl::Time start = services_.clock.Now();
  session.timeline.Enter("fetch", start);
  const auto chart = LoadChart(ctx, services_, *artifact);
  if (absl::IsNotFound(chart.status())) {
    return Waits(session, "ArtifactFailed",
                 absl::StrCat("Source not ready: artifact not found. Retrying in ",
                              FormatGoDuration(options.process.requeue_dependency)));
  }
  if (!chart.ok()) {
    return fail("ArtifactFailed", Annotate(chart.status(), "Could not load chart"), true);
  }
  session.Passed("ArtifactFailed");
  const Outcome outcome = Act(ctx, session, *values, *chart);
  Trace(session, *source, *artifact, start);
  return outcome;
}

void HelmReleaseReconciler::Trace(const Session& session, const Value& source,
                                  const api::Artifact& artifact, absl::Time start) const {
  const bool acted = session.timeline.stages().size() > 1;
  if (services_.tracer == nullptr || !acted) return;
  const api::Condition* ready = session.status.conditions.Find(api::kReady);
  const bool failed = ready != nullptr && ready->status == ConditionStatus::kFalse;
  services_.tracer->Add(
      {.revision = {absl::StrCat(source["kind"].str(), "/", kube::KeyOf(source).ToString()),
                    artifact.revision, artifact.last_update_time},
       .object = absl::StrCat("HelmRelease/", session.key().ToString()),
       .start = start,
       .timeline = session.timeline,
       .complete = session.status.conditions.IsTrue(api::kReady),
       .error = failed ? absl::UnknownError(ready->message) : absl::OkStatus()});
}

HelmReleaseReconciler::Outcome HelmReleaseReconciler::Act(const Context& ctx, Session& session,
                                                          const Value& values,
                                                          const LoadedChart& chart) {
  const Options& options = services_.options;
  const runtime::FeatureGates& gates = options.process.feature_gates;
  const auto target = Reach(ctx, services_, session);
  if (!target.ok()) {
    session.Ready(ConditionStatus::kFalse, "RESTClientError", target.status().message());
    return {target.status(), false};
  }
  session.Passed("RESTClientError");
  const helm::Metadata& metadata = chart.chart->chart()->metadata;
  if (TargetChanged(session, metadata.name)) {
    if (const absl::Status gone = UninstallRecorded(ctx, services_, session); !gone.ok()) {
      return {gone, false};
    }
    session.status.history.clear();
    session.status.storage_namespace.clear();
    session.status.failures = 0;
    session.status.install_failures = 0;
    session.status.upgrade_failures = 0;
    return {Action::Again(), false};
  }

  api::HelmReleaseStatus& status = session.status;
  status.storage_namespace = session.spec.storage_namespace;
  const std::string config_digest = helm_rendering::ValuesDigest(values);
  ResetFailures(metadata.version, values, session);
  status.last_attempted_generation = session.generation();
  status.last_attempted_revision = metadata.version;
  status.last_attempted_revision_digest = chart.oci_digest;
  status.last_attempted_config_digest = config_digest;

  helm_release::Storage storage(target->client(), session.spec.storage_namespace, services_.clock,
                                services_.lease.instance());
  ActionLog log(services_.clock);
  const std::shared_ptr<ChangeCounter> changes = services_.owners.Follow(session.key());
  // They were parsed before, without error.
  const ssa::HealthRules rules =
      ssa::HealthRules::Compile(session.spec.raw["healthCheckExprs"]).value_or(ssa::HealthRules());
  Environment with{target->client(),
                   target->discovery(),
                   target->cluster_id(),
                   services_.capabilities,
                   storage,
                   rules,
                   log,
                   services_.clock,
                   target->live(),
                   *changes,
                   nullptr,
                   gates.Enabled(kCancelHealthCheckOnNewRevision),
                   session.spec.legacy_wait};
  const helm_rendering::PostRendering rendering =
      helm_rendering::PostRenderingOf(session.key(), session.spec);
  ReleaseRequest request;
  request.name = session.spec.release_name;
  request.ns = session.spec.target_namespace;
  request.chart = chart.chart;
  request.values = values;
  request.post_render = [&](const std::string& stream) {
    return helm_rendering::PostRender(rendering, stream);
  };
  request.post_render_strategy =
      helm_rendering::StrategyOf(session.spec, gates.Enabled(kUseHelm3Defaults));
  request.max_history = session.spec.max_history;
  request.allow_dns = gates.Enabled(kAllowDnsLookups);
  request.intent = {.owner = std::string(kube::Uid(session.object())),
                    .action = "",
                    .oci_digest = chart.oci_digest,
                    .instance = ""};
  Work work{services_, session, with, request, config_digest, rendering.owner_labels};
  work.force = IsRequested(session, api::kForceRequestAnnotation, status.last_handled_force_at);

  const LoopResult result = RunRelease(ctx, work);
  const int jitter = options.process.interval_jitter_percentage;
  switch (result.end) {
    case LoopEnd::kDone:
      return {Action::After(runtime::Jitter(session.spec.interval, jitter)), true};
    case LoopEnd::kRetryLater:
      return {Action::After(runtime::Jitter(result.retry_interval, jitter)), true};
    case LoopEnd::kBusy:
      return {Action::After(result.retry_interval), false};
    case LoopEnd::kSuperseded: {
      const std::string by = changes->superseded_by();
      session.Ready(ConditionStatus::kFalse, "HealthCheckCanceled",
                    absl::StrCat("New reconciliation triggered by ", by));
      session.Event(
          Severity::kInfo, "HealthCheckCanceled",
          absl::StrCat("Health checks canceled due to new reconciliation triggered by ", by));
      return {Action::Again(), false};
    }
    case LoopEnd::kAgain:
      return {Action::Again(), false};
    case LoopEnd::kStalled:
      return {Action::AwaitChange(), true};
    case LoopEnd::kError:
      return {result.error, false};
  }
  return {Action::AwaitChange(), true};
}

absl::StatusOr<Action> HelmReleaseReconciler::Remove(const Context& ctx, Session& session) {
  if (!runtime::HasFinalizer(session.object())) return Action::AwaitChange();
  const absl::Status done = Finalize(ctx, services_, session);
  if (!done.ok()) {
    const absl::Status patched = session.Patch(LastContext(ctx));
    loader_.NoteWrite(session.key(), session.resource_version());
    return patched.ok() ? done : patched;
  }
  RETURN_IF_ERROR(runtime::RemoveFinalizer(ctx, services_.client, api::KindOrDie("HelmRelease"),
                                           session.object(), kFieldManager));
  return Action::AwaitChange();
}

}  // namespace sluice::helm_controller
