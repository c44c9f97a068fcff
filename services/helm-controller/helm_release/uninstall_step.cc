// Uninstalling for good.

// SPDX-License-Identifier: Apache-2.0
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "services/helm-controller/action/uninstall.h"
#include "services/helm-controller/helm_release/history.h"
#include "services/helm-controller/helm_release/steps.h"

namespace sluice::helm_controller {
namespace {

using api::ConditionStatus;
using runtime::Severity;

void Conclude(bool succeeded, const std::string& message, const api::Snapshot& about,
              const std::string& logs, Session& session) {
  const absl::string_view reason = succeeded ? "UninstallSucceeded" : "UninstallFailed";
  session.Set("Released", ConditionStatus::kFalse, reason, message);
  session.Event(succeeded ? Severity::kInfo : Severity::kError, reason, absl::StrCat(message, logs),
                session.MetadataOf(about));
  if (!succeeded) ++session.status.failures;
  session.Summarize();
}

}  // namespace

absl::Status UninstallStep(const Context& ctx, Environment& with, Session& session) {
  const api::Snapshot* const found = api::LatestOf(session.status.history);
  if (found == nullptr) return absl::OkStatus();
  const api::Snapshot latest = *found;
  const std::string what = absl::StrCat("for release ", latest.FullReleaseName(), " with chart ",
                                        latest.VersionedChartName());
  with.storage.OnWrite([&](const helm_release::Record& record) {
    NoteWritten(record, "uninstall", latest.version, latest.oci_digest, session);
  });
  with.log.Clear();
  const absl::Status done = Uninstall(ctx, with, latest.name, session.spec.uninstall);
  with.storage.OnWrite(nullptr);
  session.status.conditions.Delete("Remediated");
  session.status.conditions.Delete("TestSuccess");
  if (absl::IsNotFound(done)) {
    Conclude(true,
             absl::StrCat("Release ", latest.FullReleaseName(),
                          " was not found, assuming it is uninstalled"),
             latest, "", session);
  } else if (session.spec.uninstall.keep_history &&
             absl::StrContains(done.message(), "is already deleted")) {
    Conclude(true, absl::StrCat("Release ", latest.FullReleaseName(), " was already uninstalled"),
             latest, "", session);
  } else if (!done.ok()) {
    Conclude(false, absl::StrCat("Helm uninstall failed ", what, ": ", done.message()), latest,
             with.log.ToText(), session);
    return done;
  } else {
    Conclude(true, absl::StrCat("Helm uninstall succeeded ", what), latest, "", session);
  }
  session.status.inventory = Value();
  return absl::OkStatus();
}

}  // namespace sluice::helm_controller
