// SPDX-License-Identifier: Apache-2.0
#include "services/source-controller/git_repository/session.h"

#include "absl/strings/str_cat.h"
#include "common/api/kinds.h"
#include "common/api/meta/names.h"
#include "common/kube/object.h"
#include "services/source-controller/git_repository/conditions.h"

namespace sluice::source_controller {
namespace {

using api::ConditionStatus;

constexpr size_t kMaxSubject = 50;

std::string Shortened(const std::string& subject) {
  if (subject.size() <= kMaxSubject) return subject;
  return absl::StrCat(absl::string_view(subject).substr(0, kMaxSubject), "...");
}

}  // namespace

Session::Session(kube::Client& client, runtime::EventRecorder& events, Clock& clock, Value object)
    : status(api::GitRepositoryStatus::Decode(object["status"])),
      events_(events),
      clock_(clock),
      object_(std::move(object)),
      started_(clock.Now()),
      before_(status),
      writer_(client, api::KindOrDie("GitRepository"), object_, kFieldManager, kOwnedConditions) {}

kube::ObjectKey Session::key() const { return kube::KeyOf(object_); }
int64_t Session::generation() const { return kube::Generation(object_); }

void Session::Set(absl::string_view type, ConditionStatus condition, absl::string_view reason,
                  absl::string_view message) {
  status.conditions.Set(type, condition, reason, message, generation(), clock_.Now());
}

Outcome Session::Fail(absl::string_view type, absl::string_view reason, const absl::Status& error) {
  Set(type, ConditionStatus::kTrue, reason, error.message());
  return Outcome::Failed(std::string(reason), error);
}

Outcome Session::Stall(absl::string_view type, absl::string_view reason,
                       const absl::Status& error) {
  Set(type, ConditionStatus::kTrue, reason, error.message());
  return Outcome::Stalled(std::string(reason), error);
}

void Session::Progress(bool drift, absl::string_view message) {
  Delete(api::kStalled);
  Set(api::kReconciling, ConditionStatus::kTrue, api::kProgressingReason, message);
  const api::Condition* ready = status.conditions.Find(api::kReady);
  if (drift || ready == nullptr || ready->status == ConditionStatus::kUnknown) {
    Set(api::kReady, ConditionStatus::kUnknown, api::kProgressingReason, message);
  }
}

void Session::Event(runtime::Severity severity, absl::string_view reason,
                    absl::string_view message) {
  runtime::EventRecorder::Metadata metadata;
  if (status.artifact.has_value()) {
    metadata[absl::StrCat(api::kSourceGroup, "/revision")] = status.artifact->revision;
    metadata[absl::StrCat(api::kSourceGroup, "/digest")] = status.artifact->digest;
  }
  events_.Record(object_, severity, reason, message, std::move(metadata));
}

void Session::Finish(const Outcome& outcome) {
  using Kind = Outcome::Kind;
  switch (outcome.kind) {
    case Kind::kFailed:
    case Kind::kStalled:
      Event(runtime::Severity::kError, outcome.reason, outcome.error.message());
      break;
    case Kind::kWaiting:
      Event(runtime::Severity::kTrace, outcome.reason, outcome.error.message());
      break;
    case Kind::kNoChange:
      Event(runtime::Severity::kTrace, outcome.reason, outcome.error.message());
      break;
    case Kind::kSuccess:
    case Kind::kSuspended:
      break;
  }
  if (const absl::string_view requested =
          kube::Annotation(object_, api::kReconcileRequestAnnotation);
      !requested.empty()) {
    status.last_handled_reconcile_at = std::string(requested);
  }
  if (outcome.kind == Kind::kStalled) {
    Delete(api::kReconciling);
    Set(api::kStalled, ConditionStatus::kTrue, outcome.reason, outcome.error.message());
  } else {
    Delete(api::kStalled);
  }
  if (outcome.kind == Kind::kSuccess || outcome.kind == Kind::kNoChange) {
    Delete(api::kReconciling);
  } else if (const api::Condition* reconciling = status.conditions.Find(api::kReconciling);
             reconciling != nullptr) {
    Set(api::kReconciling, reconciling->status, api::kProgressingWithRetryReason,
        std::string(reconciling->message));
  }
  const bool settled = outcome.kind == Kind::kSuccess || outcome.kind == Kind::kNoChange ||
                       outcome.kind == Kind::kStalled ||
                       (outcome.kind == Kind::kSuspended && !status.conditions.all().empty());
  if (settled) status.observed_generation = generation();
  api::Summarize(kGitRepositorySummary, generation(), clock_.Now(), status.conditions);
  if (const api::Condition* verified = status.conditions.Find(kSourceVerified);
      verified != nullptr && verified->status == ConditionStatus::kFalse) {
    Set(api::kReady, ConditionStatus::kFalse, std::string(verified->reason),
        std::string(verified->message));
  }
}

bool Session::HadFailure() const {
  for (const char* type : {kFetchFailed, kIncludeUnavailable, kStorageOperationFailed}) {
    if (before_.conditions.IsTrue(type)) return true;
  }
  return false;
}

void Session::Notify(const Outcome& outcome) {
  if ((outcome.kind != Outcome::Kind::kSuccess && outcome.kind != Outcome::Kind::kNoChange) ||
      !status.artifact.has_value()) {
    return;
  }
  const std::string message = absl::StrCat(
      "stored artifact for commit '",
      commit_subject.empty() ? status.artifact->revision : Shortened(commit_subject), "'");
  const std::string old_digest = before_.artifact.has_value() ? before_.artifact->digest : "";
  if (status.artifact->digest != old_digest) {
    Event(runtime::Severity::kInfo, "NewArtifact", message);
  } else if (HadFailure()) {
    Event(runtime::Severity::kInfo, api::kSucceededReason, message);
  }
}

}  // namespace sluice::source_controller
