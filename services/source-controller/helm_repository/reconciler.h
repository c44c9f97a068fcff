// The work loop's side of HelmRepositories: those of type "default" are sources like others, those
// of type "oci" are only read by others (spec/source.md §4.2).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/runtime/reconciler.h"
#include "common/runtime/store.h"
#include "services/source-controller/helm_repository/index_cache.h"
#include "services/source-controller/source/collaborators.h"
#include "services/source-controller/source/reconciler.h"

namespace sluice::source_controller {

// Thread-safe.
class HelmRepositoryReconciler : public runtime::Reconciler {
 public:
  // `store`, `cache` and what `with` refers to must outlive it.
  HelmRepositoryReconciler(const runtime::Store& store, const Collaborators& with,
                           IndexCache& cache);

  absl::StatusOr<runtime::Action> Reconcile(const Context& ctx,
                                            const kube::ObjectKey& key) override;

 private:
  // Takes back what an object of type "oci" may have from the time when it was of another type:
  // artifacts, finalizer and status.
  absl::Status MakeStatic(const Context& ctx, const kube::ObjectKey& key);

  const runtime::Store& store_;
  const Collaborators& with_;
  IndexCache& cache_;
  SourceReconciler default_;
};

}  // namespace sluice::source_controller
