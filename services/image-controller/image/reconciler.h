// The work loop's side of every image kind: loads the object, has it reconciled, and chooses when
// to come again.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>

#include "common/runtime/reconciler.h"
#include "common/runtime/store.h"
#include "services/image-controller/image/collaborators.h"
#include "services/image-controller/image/reconciliation.h"

namespace sluice::image_controller {

// Thread-safe if `begin` is.
class ImageReconciler : public runtime::Reconciler {
 public:
  using Begin = std::function<std::unique_ptr<Reconciliation>(Value object)>;

  // `store` and what `with` refers to must outlive it.
  ImageReconciler(const char* kind, const runtime::Store& store, const Collaborators& with,
                  Begin begin);

  absl::StatusOr<runtime::Action> Reconcile(const Context& ctx,
                                            const kube::ObjectKey& key) override;

 private:
  const char* const kind_;
  const runtime::Store& store_;
  const Collaborators& with_;
  const Begin begin_;
};

}  // namespace sluice::image_controller
