// SPDX-License-Identifier: Apache-2.0
#include "common/runtime/wiring.h"

#include "common/runtime/predicates.h"

namespace sluice::runtime {

void WakeOnChange(Informer& informer, Controller& controller, ControllerMetrics& metrics) {
  const std::string kind = informer.resource().kind;
  informer.AddHandler([kind, &controller, &metrics](const Change& change) {
    const kube::ObjectKey key = kube::KeyOf(change.object());
    if (change.after == nullptr) metrics.Forget(kind, key);
    if (change.before == nullptr) {
      controller.WakeNew(*change.after);
    } else if (SpecOrRequestChanged(change)) {
      controller.Wake(key);
    }
  });
}

}  // namespace sluice::runtime
