// The reconciler of Kustomizations (spec/kustomize.md §2.1): what to do with an object, and when to
// come back to it. The work itself is sync.h and finalize.h.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/artifact/fetcher.h"
#include "common/base/clock.h"
#include "common/kube/client.h"
#include "common/kube/discovery.h"
#include "common/runtime/events.h"
#include "common/runtime/reconciler.h"
#include "common/runtime/store.h"
#include "services/kustomize-controller/kustomization/session.h"
#include "services/kustomize-controller/kustomization/sync.h"
#include "services/kustomize-controller/options.h"

namespace sluice::kustomize_controller {

// Thread-safe. Its collaborators must outlive it.
class KustomizationReconciler : public runtime::Reconciler {
 public:
  KustomizationReconciler(const runtime::Store& store, kube::Client& client,
                          kube::Discovery& discovery, artifact::Fetcher& fetcher,
                          runtime::EventRecorder& events, const Options& options,
                          const DecryptionServices& decryption, Clock& clock);

  absl::StatusOr<runtime::Action> Reconcile(const Context& ctx,
                                            const kube::ObjectKey& key) override;

 private:
  absl::StatusOr<runtime::Action> Run(const Context& ctx, Session& session);
  absl::StatusOr<runtime::Action> Remove(const Context& ctx, Session& session);
  // Bookkeeping on every way out, then the one patch of the final status.
  absl::Status Finish(const Context& ctx, Session& session);

  const runtime::Store& store_;
  kube::Client& client_;
  ssa::AppliedMemo memo_;
  const SyncServices services_;
  runtime::EventRecorder& events_;
  const Options& options_;
  Clock& clock_;
};

}  // namespace sluice::kustomize_controller
