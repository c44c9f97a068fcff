// SPDX-License-Identifier: Apache-2.0
#include "common/runtime/kind_controller.h"

#include "common/api/kinds.h"
#include "common/runtime/wiring.h"

namespace sluice::runtime {

KindController::KindController(Process& process, absl::string_view kind,
                               const MakeReconciler& make) {
  const ProcessOptions& options = process.options();
  informer_ = std::make_unique<Informer>(process.client(), api::KindOrDie(kind), options.Watched(),
                                         RealClock());
  reconciler_ = make(informer_->store());
  controller_ =
      std::make_unique<Controller>(ControllerOptions{.kind = std::string(kind),
                                                     .workers = options.concurrent,
                                                     .max_slow = options.concurrent_slow,
                                                     .backoff = options.backoff},
                                   *reconciler_, process.controller_metrics(), RealClock());
  WakeOnChange(*informer_, *controller_, process.controller_metrics());
}

}  // namespace sluice::runtime
