// The reconciler of kinds that are served but that no controller works on yet: it says so in their
// Ready condition, and never claims a success.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "common/base/clock.h"
#include "common/kube/client.h"
#include "common/runtime/reconciler.h"
#include "common/runtime/store.h"

namespace sluice::runtime {

// Thread-safe. Its collaborators must outlive it.
class UnsupportedReconciler : public Reconciler {
 public:
  UnsupportedReconciler(const Store& store, kube::Client& client, const kube::Resource& resource,
                        std::string field_manager, Clock& clock);

  absl::StatusOr<Action> Reconcile(const Context& ctx, const kube::ObjectKey& key) override;

 private:
  const Store& store_;
  kube::Client& client_;
  const kube::Resource& resource_;
  const std::string field_manager_;
  Clock& clock_;
};

}  // namespace sluice::runtime
