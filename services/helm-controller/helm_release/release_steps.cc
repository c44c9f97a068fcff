// Install and upgrade.

// SPDX-License-Identifier: Apache-2.0
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/base/duration.h"
#include "common/base/status_macros.h"
#include "services/helm-controller/action/crds.h"
#include "services/helm-controller/action/install.h"
#include "services/helm-controller/action/upgrade.h"
#include "services/helm-controller/helm_release/history.h"
#include "services/helm-controller/helm_release/inventory.h"
#include "services/helm-controller/helm_release/steps.h"

namespace sluice::helm_controller {
namespace {

using api::ConditionStatus;
using runtime::Severity;

// What differs between the two.
struct Kind {
  absl::string_view name;  // "install"
  absl::string_view succeeded;
  absl::string_view failed;
  int64_t& failures;
  const api::HelmActionSpec& spec;
};

// What was attempted, for events about an attempt that stored nothing.
api::Snapshot Attempted(const Work& work) {
  api::Snapshot snapshot;
  snapshot.chart_version = work.chart().version;
  snapshot.app_version = work.chart().app_version;
  snapshot.config_digest = work.config_digest;
  snapshot.oci_digest = work.request.intent.oci_digest;
  return snapshot;
}

void Succeed(const Kind& kind, const api::Snapshot& latest, Session& session) {
  const std::string message =
      absl::StrCat("Helm ", kind.name, " succeeded for release ", latest.FullReleaseName(),
                   " with chart ", latest.VersionedChartName());
  session.Set("Released", ConditionStatus::kTrue, kind.succeeded, message);
  session.Event(Severity::kInfo, kind.succeeded, message, session.MetadataOf(latest));
  if (session.spec.test.enable) {
    session.Set("TestSuccess", ConditionStatus::kUnknown, "AwaitingTests",
                absl::StrCat("Helm release ", latest.FullReleaseName(), " with chart ",
                             latest.VersionedChartName(), " is awaiting tests"));
  }
  if (kind.spec.retry_on_failure) {
    session.status.failures = 0;
    session.status.install_failures = 0;
    session.status.upgrade_failures = 0;
  }
}

void Fail(const Kind& kind, const absl::Status& error, bool stored, Work& work) {
  Session& session = work.session;
  const std::string message = absl::StrCat(
      "Helm ", kind.name, " failed for release ", work.request.ns, "/", session.spec.long_name,
      " with chart ", work.VersionedChart(), ": ", error.message());
  session.Set("Released", ConditionStatus::kFalse, kind.failed, message);
  session.Event(Severity::kError, kind.failed, absl::StrCat(message, work.with.log.ToText()),
                session.MetadataOf(Attempted(work)));
  ++session.status.failures;
  if (stored) ++kind.failures;
}

template <typename Action>
absl::Status Perform(const Context& ctx, const Kind& kind, bool server_side, Work& work,
                     const Action& action) {
  Session& session = work.session;
  session.status.last_attempted_release_action = std::string(kind.name);
  session.status.conditions.Delete("TestSuccess");
  session.status.conditions.Delete("Remediated");
  work.force = false;
  int64_t made = 0;
  work.with.storage.OnWrite([&](const helm_release::Record& record) {
    if (record.version > made) {
      made = record.version;
      TakeInventory(ctx, work, record);
    }
    NoteWritten(record, std::string(kind.name), made, work.request.intent.oci_digest, session);
  });
  work.with.log.Clear();
  const absl::Time started = work.services.clock.Now();
  absl::Status done;
  const auto definitions = ChartDefinitions(work.request, work.owner_labels);
  done = definitions.ok()
             ? ApplyDefinitions(ctx, work.with, *definitions, kind.spec.crds, server_side)
             : definitions.status();
  if (!done.ok()) {
    done = absl::Status(
        done.code(), absl::StrCat("failed to apply CustomResourceDefinitions: ", done.message()));
  } else {
    done = action();
  }
  work.with.storage.OnWrite(nullptr);
  session.status.last_attempted_release_action_duration =
      FormatGoDuration(work.services.clock.Now() - started);
  // A controller that is told to stop has not failed: the next one finds the release as it was
  // left.
  if (!done.ok() && ctx.cancelled()) return absl::CancelledError("shutting down");
  if (done.ok()) {
    Succeed(kind, *api::LatestOf(session.status.history), session);
  } else {
    Fail(kind, done, made != 0, work);
  }
  session.Summarize();
  return made != 0 ? absl::OkStatus() : done;
}

}  // namespace

absl::Status InstallStep(const Context& ctx, Work& work) {
  Session& session = work.session;
  session.status.history.clear();
  const api::InstallSpec& spec = session.spec.install;
  const Kind kind{"install", "InstallSucceeded", "InstallFailed", session.status.install_failures,
                  spec};
  return Perform(ctx, kind, spec.server_side_apply != api::ApplyMode::kDisabled, work, [&] {
    return Install(ctx, work.with, work.request, spec,
                   spec.create_namespace && session.spec.has_target_namespace);
  });
}

absl::Status UpgradeStep(const Context& ctx, Work& work) {
  Session& session = work.session;
  const api::UpgradeSpec& spec = session.spec.upgrade;
  const Kind kind{"upgrade", "UpgradeSucceeded", "UpgradeFailed", session.status.upgrade_failures,
                  spec};
  return Perform(ctx, kind, spec.server_side_apply != api::ApplyMode::kDisabled, work,
                 [&] { return Upgrade(ctx, work.with, work.request, spec); });
}

}  // namespace sluice::helm_controller
