// SPDX-License-Identifier: Apache-2.0
#include "services/image-controller/image/reconciliation.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/api/kinds.h"
#include "common/api/meta/names.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/kube/object.h"
#include "common/runtime/finalizer.h"

namespace sluice::image_controller {
namespace {

using api::ConditionStatus;
using runtime::Severity;

constexpr absl::string_view kOwned[] = {api::kReady, api::kReconciling, api::kStalled};
constexpr char kPatchFailed[] = "PatchOperationFailed";

}  // namespace

Reconciliation::Reconciliation(const Collaborators& with, const char* kind, Value object)
    : with_(with),
      kind_(kind),
      object_(std::move(object)),
      started_(with.clock.Now()),
      before_(api::Conditions::Decode(object_["status"]["conditions"])),
      writer_(with.client, api::KindOrDie(kind), object_, kFieldManager, kOwned) {}

kube::ObjectKey Reconciliation::key() const { return kube::KeyOf(object_); }
int64_t Reconciliation::generation() const { return kube::Generation(object_); }

bool Reconciliation::requested() {
  return kube::Annotation(object_, api::kReconcileRequestAnnotation) !=
         status().last_handled_reconcile_at;
}

absl::StatusOr<Outcome> Reconciliation::Run(const Context& ctx) {
  const absl::Status valid = ReadSpec(object_["spec"]);
  Outcome outcome = Outcome::Suspended();
  if (!valid.ok()) {
    outcome = Outcome::Stalled("InvalidSpec", valid.message());
  } else if (!object_["spec"]["suspend"].bool_or(false)) {
    outcome = Attempt(ctx);
  }
  if (ctx.cancelled()) return absl::CancelledError("shutting down");
  Finish(outcome);
  RETURN_IF_ERROR(Patch(ctx));
  Notify(outcome);
  return outcome;
}

absl::Status Reconciliation::Remove(const Context& ctx) {
  RETURN_IF_ERROR(CleanUp());
  return runtime::RemoveFinalizer(ctx, with_.client, api::KindOrDie(kind_), object_, kFieldManager);
}

absl::Status Reconciliation::ShowProgress(const Context& ctx) {
  Progress(/*drift=*/false, "reconciliation in progress");
  if (generation() != status().observed_generation) {
    Progress(/*drift=*/false, absl::StrCat("processing object: new generation ",
                                           status().observed_generation, " -> ", generation()));
    return Annotate(Patch(ctx), kPatchFailed);
  }
  return requested() ? Annotate(Patch(ctx), kPatchFailed) : absl::OkStatus();
}

void Reconciliation::Progress(bool drift, absl::string_view message) {
  status().conditions.Delete(api::kStalled);
  Set(api::kReconciling, ConditionStatus::kTrue, api::kProgressingReason, message);
  const api::Condition* ready = status().conditions.Find(api::kReady);
  if (drift || ready == nullptr || ready->status == ConditionStatus::kUnknown) {
    Set(api::kReady, ConditionStatus::kUnknown, api::kProgressingReason, message);
  }
}

void Reconciliation::ForgetFailure(absl::string_view reason) {
  const api::Condition* ready = status().conditions.Find(api::kReady);
  if (ready == nullptr || ready->status != ConditionStatus::kFalse || ready->reason != reason) {
    return;
  }
  Set(api::kReady, ConditionStatus::kUnknown, api::kProgressingReason,
      "reconciliation in progress");
}

void Reconciliation::Set(absl::string_view type, ConditionStatus condition,
                         absl::string_view reason, absl::string_view message) {
  status().conditions.Set(type, condition, reason, message, generation(), with_.clock.Now());
}

absl::Status Reconciliation::Patch(const Context& ctx) {
  return writer_.Patch(ctx, EncodeStatus());
}

void Reconciliation::Finish(const Outcome& outcome) {
  api::Conditions& conditions = status().conditions;
  if (const absl::string_view token = kube::Annotation(object_, api::kReconcileRequestAnnotation);
      !token.empty()) {
    status().last_handled_reconcile_at = std::string(token);
  }
  switch (outcome.kind) {
    case Outcome::Kind::kSuspended:
    case Outcome::Kind::kAgain:
      return;
    case Outcome::Kind::kSuccess:
      conditions.Delete(api::kReconciling);
      conditions.Delete(api::kStalled);
      Set(api::kReady, ConditionStatus::kTrue, outcome.reason, outcome.message);
      status().observed_generation = generation();
      return;
    case Outcome::Kind::kStalled:
      conditions.Delete(api::kReconciling);
      Set(api::kStalled, ConditionStatus::kTrue, outcome.reason, outcome.message);
      Set(api::kReady, ConditionStatus::kFalse, outcome.reason, outcome.message);
      status().observed_generation = generation();
      return;
    case Outcome::Kind::kFailed:
    case Outcome::Kind::kWaiting:
      break;
  }
  Set(api::kReady, ConditionStatus::kFalse, outcome.reason, outcome.message);
  if (const api::Condition* reconciling = conditions.Find(api::kReconciling);
      reconciling != nullptr) {
    Set(api::kReconciling, ConditionStatus::kTrue, api::kProgressingWithRetryReason,
        std::string(reconciling->message));
  }
}

bool Reconciliation::HasNews() const {
  const api::Condition* then = before_.Find(api::kReady);
  return then == nullptr || then->message != EventMessage();
}

std::string Reconciliation::EventMessage() const {
  const auto now = api::Conditions::Decode(EncodeStatus()["conditions"]);
  const api::Condition* ready = now.Find(api::kReady);
  return ready == nullptr ? "" : ready->message;
}

void Reconciliation::Notify(const Outcome& outcome) {
  const auto tell = [&](Severity severity, absl::string_view message) {
    with_.events.Record(object_, severity, outcome.reason, message);
  };
  switch (outcome.kind) {
    case Outcome::Kind::kSuspended:
    case Outcome::Kind::kAgain:
      return;
    case Outcome::Kind::kFailed:
    case Outcome::Kind::kStalled:
    case Outcome::Kind::kWaiting:
      return tell(Severity::kError, outcome.message);
    case Outcome::Kind::kSuccess:
      break;
  }
  if (!before_.IsTrue(api::kReady) || HasNews()) return tell(Severity::kInfo, EventMessage());
  tell(Severity::kTrace, QuietMessage());
}

}  // namespace sluice::image_controller
