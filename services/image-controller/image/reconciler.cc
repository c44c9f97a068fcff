// SPDX-License-Identifier: Apache-2.0
#include "services/image-controller/image/reconciler.h"

#include <utility>

#include "common/api/kinds.h"
#include "common/base/status_macros.h"
#include "common/kube/object.h"
#include "common/log/log.h"
#include "common/runtime/finalizer.h"

namespace sluice::image_controller {

using runtime::Action;

ImageReconciler::ImageReconciler(const char* kind, const runtime::Store& store,
                                 const Collaborators& with, Begin begin)
    : kind_(kind), store_(store), with_(with), begin_(std::move(begin)) {}

absl::StatusOr<Action> ImageReconciler::Reconcile(const Context& ctx, const kube::ObjectKey& key) {
  if (store_.Find(key) == nullptr) return Action::AwaitChange();
  ASSIGN_OR_RETURN(
      std::optional<Value> object,
      runtime::LoadForReconcile(ctx, with_.client, api::KindOrDie(kind_), key, kFieldManager));
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
      break;
    case Outcome::Kind::kSuspended:
      log::Info(ctx, "reconciliation is suspended for this object");
      break;
    case Outcome::Kind::kWaiting:
      log::Info(ctx, "reconciliation waiting", {{"reason", outcome.message}});
      break;
    case Outcome::Kind::kAgain:
    case Outcome::Kind::kSuccess:
      break;
  }
  return outcome.wait == absl::InfiniteDuration() ? Action::AwaitChange()
                                                  : Action::After(outcome.wait);
}

}  // namespace sluice::image_controller
