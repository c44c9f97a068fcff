// The reconciler of Kustomizations (spec/kustomize.md §2.1): what to do with an object, and when to
// come back to it. The work itself is sync.h and finalize.h.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "common/artifact/fetcher.h"
#include "common/base/clock.h"
#include "common/kube/client.h"
#include "common/kube/discovery.h"
#include "common/runtime/events.h"
#include "common/runtime/object_loader.h"
#include "common/runtime/reconciler.h"
#include "common/runtime/store.h"
#include "common/trace/tracer.h"
#include "services/kustomize-controller/kustomization/memory.h"
#include "services/kustomize-controller/kustomization/session.h"
#include "services/kustomize-controller/kustomization/sources.h"
#include "services/kustomize-controller/kustomization/sync.h"
#include "services/kustomize-controller/options.h"

namespace sluice::kustomize_controller {

// What the reconciler works with. All must outlive it.
struct Collaborators {
  kube::Client& client;
  kube::Discovery& discovery;
  artifact::Fetcher& fetcher;
  runtime::EventRecorder& events;
  const Sources& sources;
  Memories& memories;
  remote_cluster::Clusters& clusters;
  const Options& options;
  const DecryptionServices& decryption;
  Clock& clock;
  // Tells whoever waits for a Kustomization that it was found to be at its source's revision.
  std::function<void(const kube::ObjectKey&)> on_verified;
  trace::Tracer* tracer = nullptr;  // null: nobody asks for traces
};

// Thread-safe.
class KustomizationReconciler : public runtime::Reconciler {
 public:
  KustomizationReconciler(const runtime::Store& store, Collaborators with);

  absl::StatusOr<runtime::Action> Reconcile(const Context& ctx,
                                            const kube::ObjectKey& key) override;
  void Forget(const kube::ObjectKey& key) override;

 private:
  // What to do with the status that a run leaves.
  enum class Ending {
    kFinished,    // write it, with the bookkeeping of a run's end
    kUnfinished,  // write it: the run goes on later
    kQuiet,       // nothing to tell
  };
  struct RunResult {
    runtime::Action action;
    Ending ending = Ending::kFinished;
    absl::Status error;  // back off; the status is written all the same
  };

  RunResult Run(const Context& ctx, Session& session, Memory& memory);
  RunResult After(const Context& ctx, const SyncOutcome& outcome, Session& session, Memory& memory);
  // Ends a health check that a newer run takes the place of.
  void CancelStaleWait(Session& session, Memory& memory);
  // Reports what was done for a revision that was not applied before.
  void Trace(const Session& session, const api::Artifact& artifact, const SyncOutcome& outcome);
  // How long until the next run is due when this one confirmed what the status says already, zero
  // if it is due now.
  absl::Duration UntilDue(const Session& session) const;
  RunResult Stall(Session& session, absl::string_view reason, absl::string_view message);
  absl::StatusOr<runtime::Action> Remove(const Context& ctx, Session& session);
  // Bookkeeping at the end of a run, then the one patch of the final status.
  absl::Status Finish(const Context& ctx, Session& session);

  const Collaborators with_;
  const SyncServices services_;
  runtime::ObjectLoader loader_;
};

}  // namespace sluice::kustomize_controller
