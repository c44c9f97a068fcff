// The work loop's side of every kind of source: loads the object, has it reconciled, and chooses
// when to come again (spec/source.md §7.2).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>

#include "common/runtime/reconciler.h"
#include "common/runtime/store.h"
#include "services/source-controller/source/collaborators.h"
#include "services/source-controller/source/kind.h"
#include "services/source-controller/source/reconciliation.h"

namespace sluice::source_controller {

// Thread-safe if `begin` is.
class SourceReconciler : public runtime::Reconciler {
 public:
  using Begin = std::function<std::unique_ptr<Reconciliation>(Value object)>;

  // `kind`, `store` and what `with` refers to must outlive it.
  SourceReconciler(const SourceKind& kind, const runtime::Store& store, const Collaborators& with,
                   Begin begin);

  absl::StatusOr<runtime::Action> Reconcile(const Context& ctx,
                                            const kube::ObjectKey& key) override;

 private:
  const SourceKind& kind_;
  const runtime::Store& store_;
  const Collaborators& with_;
  const Begin begin_;
};

}  // namespace sluice::source_controller
