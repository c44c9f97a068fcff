// SPDX-License-Identifier: Apache-2.0
#include "common/runtime/kind_controller.h"

#include "common/api/kinds.h"
#include "common/base/steady_clock.h"
#include "common/kube/object.h"
#include "common/runtime/wiring.h"

namespace sluice::runtime {
namespace {

// The reason of the event.
constexpr char kReconcileException[] = "ReconcileException";

}  // namespace

KindController::KindController(Process& process, absl::string_view kind, const MakeReconciler& make)
    : shares_(process.shares()) {
  const ProcessOptions& options = process.options();
  informer_ = std::make_unique<Informer>(process.client(), api::KindOrDie(kind), options.Watched(),
                                         SteadyClock());
  reconciler_ = make(informer_->store());
  const auto tell = [&store = informer_->store(), &events = process.events()](
                        const kube::ObjectKey& key, absl::string_view message) {
    const kube::ObjectPtr object = store.Find(key);
    if (object != nullptr) events.Record(*object, Severity::kError, kReconcileException, message);
  };
  controller_ =
      std::make_unique<Controller>(ControllerOptions{.kind = std::string(kind),
                                                     .workers = options.concurrent,
                                                     .max_slow = options.concurrent_slow,
                                                     .backoff = options.backoff,
                                                     .shares = shares_,
                                                     .on_exception = tell},
                                   *reconciler_, process.controller_metrics(), SteadyClock());
  WakeOnChange(*informer_, *controller_, process.controller_metrics());
  if (shares_ == nullptr) return;
  shares_->Add(this, [this](const sharding::Share& before, const sharding::Share& now) {
    OnShareChange(before, now);
  });
}

KindController::~KindController() {
  if (shares_ != nullptr) shares_->Remove(this);
}

void KindController::OnShareChange(const sharding::Share& before, const sharding::Share& now) {
  const std::string& kind = informer_->resource().kind;
  for (const kube::ObjectPtr& object : informer_->store().List()) {
    const kube::ObjectKey key = kube::KeyOf(*object);
    if (before.Owns(kind, key) || !now.Owns(kind, key)) continue;
    reconciler_->Forget(key);
    controller_->WakeNew(*object);
  }
}

}  // namespace sluice::runtime
