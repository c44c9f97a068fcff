// SPDX-License-Identifier: Apache-2.0
#include "services/source-controller/source/reconciler.h"

#include "common/api/kinds.h"
#include "common/api/meta/names.h"
#include "common/base/status_macros.h"
#include "common/kube/object.h"
#include "common/log/log.h"
#include "common/runtime/finalizer.h"

namespace sluice::source_controller {

using runtime::Action;

SourceReconciler::SourceReconciler(const SourceKind& kind, const runtime::Store& store,
                                   const Collaborators& with, Begin begin)
    : kind_(kind), store_(store), with_(with), begin_(std::move(begin)) {}

absl::StatusOr<Action> SourceReconciler::Reconcile(const Context& ctx, const kube::ObjectKey& key) {
  if (store_.Find(key) == nullptr) return Action::AwaitChange();
  ASSIGN_OR_RETURN(
      std::optional<Value> object,
      runtime::LoadForReconcile(ctx, with_.client, api::KindOrDie(kind_.name), key, kFieldManager));
  if (!object.has_value()) return Action::AwaitChange();
  const std::unique_ptr<Reconciliation> reconciliation = begin_(std::move(*object));
  if (kube::Deleting(reconciliation->object())) {
    RETURN_IF_ERROR(reconciliation->Remove(ctx));
    return Action::AwaitChange();
  }
  ASSIGN_OR_RETURN(const Outcome outcome, reconciliation->Run(ctx));
  switch (outcome.kind) {
    case Outcome::Kind::kFailed:
      return outcome.error;
    case Outcome::Kind::kStalled:
      log::Error(ctx, outcome.error, "reconciliation stalled");
      return Action::AwaitChange();
    case Outcome::Kind::kSuspended:
      return Action::AwaitChange();
    case Outcome::Kind::kWaiting:
      log::Info(ctx, "reconciliation waiting", {{"reason", outcome.error.message()}});
      return Action::After(outcome.wait);
    case Outcome::Kind::kAgain:
      return Action::Again();
    case Outcome::Kind::kSuccess:
    case Outcome::Kind::kNoChange:
      break;
  }
  const api::Condition* ready = reconciliation->conditions().Find(api::kReady);
  if (ready != nullptr && ready->status != api::ConditionStatus::kTrue) {
    return absl::UnavailableError(ready->message);
  }
  return Action::After(runtime::Jitter(reconciliation->interval(),
                                       with_.options.process.interval_jitter_percentage));
}

}  // namespace sluice::source_controller
