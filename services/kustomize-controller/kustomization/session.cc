// SPDX-License-Identifier: Apache-2.0
#include "services/kustomize-controller/kustomization/session.h"

#include "absl/strings/str_cat.h"
#include "common/api/kinds.h"
#include "common/api/meta/names.h"
#include "common/kube/object.h"

namespace sluice::kustomize_controller {
namespace {

// Nobody reads faster, and every patch of a status wakes all who watch it.
constexpr absl::Duration kProgressInterval = absl::Milliseconds(500);

}  // namespace

Session::Session(kube::Client& client, runtime::EventRecorder& events, Clock& clock, Value object)
    : status(api::KustomizationStatus::Decode(object["status"])),
      events_(events),
      clock_(clock),
      object_(std::move(object)),
      started_(clock.Now()),
      was_healthy_(status.conditions.IsTrue(api::kHealthy)),
      patched_(started_),
      writer_(client, api::KindOrDie("Kustomization"), object_, kStatusManager, kOwnedConditions) {}

kube::ObjectKey Session::key() const { return kube::KeyOf(object_); }
int64_t Session::generation() const { return kube::Generation(object_); }

void Session::Set(absl::string_view type, api::ConditionStatus condition, absl::string_view reason,
                  absl::string_view message) {
  status.conditions.Set(type, condition, reason, message, generation(), clock_.Now());
}

void Session::Stall(absl::string_view reason, absl::string_view message) {
  status.conditions.Delete(api::kReconciling);
  Set(api::kStalled, api::ConditionStatus::kTrue, reason, message);
  Ready(api::ConditionStatus::kFalse, reason, message);
}

bool Session::has_news() const {
  return !status.conditions.IsTrue(api::kReady) || status.observed_generation != generation() ||
         status.last_applied_revision != revision ||
         kube::Annotation(object_, api::kReconcileRequestAnnotation) !=
             status.last_handled_reconcile_at;
}

void Session::SetProgress(absl::string_view message) {
  status.conditions.Delete(api::kStalled);
  Set(api::kReconciling, api::ConditionStatus::kTrue, api::kProgressingReason, message);
  Ready(api::ConditionStatus::kUnknown, api::kProgressingReason, "Reconciliation in progress");
}

absl::Status Session::Progress(const Context& ctx, absl::string_view message, bool takes_long) {
  if (!has_news()) return absl::OkStatus();
  SetProgress(message);
  return takes_long || clock_.Now() - patched_ >= kProgressInterval ? Patch(ctx) : absl::OkStatus();
}

absl::Status Session::Patch(const Context& ctx) {
  patched_ = clock_.Now();
  return writer_.Patch(ctx, status.Encode());
}

void Session::Event(runtime::Severity severity, absl::string_view message, bool commit_status) {
  const std::string group = api::kKustomizeGroup;
  runtime::EventRecorder::Metadata metadata;
  if (!revision.empty()) metadata[absl::StrCat(group, "/revision")] = revision;
  if (!origin_revision.empty()) metadata[absl::StrCat(group, "/originRevision")] = origin_revision;
  if (commit_status) metadata[absl::StrCat(group, "/commit_status")] = "update";
  const api::Condition* ready = status.conditions.Find(api::kReady);
  const absl::string_view fallback = severity == runtime::Severity::kError ? "error" : "info";
  events_.Record(object_, severity, ready != nullptr ? ready->reason : fallback, message,
                 std::move(metadata));
}

}  // namespace sluice::kustomize_controller
