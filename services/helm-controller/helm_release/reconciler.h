// The reconciler of HelmReleases (spec/helm.md §2.3): what has to be there before a release can be
// acted upon, and when to come back. The release itself is release_loop.h.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/runtime/object_loader.h"
#include "common/runtime/reconciler.h"
#include "common/runtime/store.h"
#include "services/helm-controller/helm_release/services.h"
#include "services/helm-controller/helm_release/session.h"

namespace sluice::helm_controller {

// Thread-safe. What it is given must outlive it.
class HelmReleaseReconciler : public runtime::Reconciler {
 public:
  HelmReleaseReconciler(const runtime::Store& store, const Services& services);

  absl::StatusOr<runtime::Action> Reconcile(const Context& ctx,
                                            const kube::ObjectKey& key) override;

 private:
  // How a run ended, and whether the generation counts as observed.
  struct Outcome {
    absl::StatusOr<runtime::Action> action;
    bool observed = false;
  };

  Outcome Run(const Context& ctx, Session& session);
  Outcome Release(const Context& ctx, Session& session);
  Outcome Act(const Context& ctx, Session& session, const Value& values,
              const struct LoadedChart& chart);
  // Reports what was done with the source's artifact, if anything was.
  void Trace(const Session& session, const Value& source, const api::Artifact& artifact,
             absl::Time start) const;
  absl::StatusOr<runtime::Action> Remove(const Context& ctx, Session& session);

  Outcome Waits(Session& session, absl::string_view reason, absl::string_view message) const;

  const Services services_;
  runtime::ObjectLoader loader_;
};

}  // namespace sluice::helm_controller
