// The reconciler of GitRepositories (spec/source.md §3): fetch, pack, publish.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/artifact/hub.h"
#include "common/artifact/storage.h"
#include "common/base/clock.h"
#include "common/kube/client.h"
#include "common/runtime/events.h"
#include "common/runtime/reconciler.h"
#include "common/runtime/store.h"
#include "services/source-controller/git_repository/fetch.h"
#include "services/source-controller/git_repository/session.h"
#include "services/source-controller/options.h"

namespace sluice::source_controller {

// Thread-safe. Its collaborators must outlive it.
class GitRepositoryReconciler : public runtime::Reconciler {
 public:
  GitRepositoryReconciler(const runtime::Store& store, kube::Client& client,
                          artifact::Storage& storage, artifact::Hub& hub, GitFetcher& fetcher,
                          runtime::EventRecorder& events, const Options& options, Clock& clock);

  absl::StatusOr<runtime::Action> Reconcile(const Context& ctx,
                                            const kube::ObjectKey& key) override;

 private:
  // Forgets a deleted object's artifacts and lets it go.
  absl::StatusOr<runtime::Action> Remove(const Context& ctx, Session& session);
  Outcome Publish(const Context& ctx, Session& session);
  // Is what the status says still in storage?
  void CheckStorage(const Context& ctx, Session& session);
  Outcome Store(const Context& ctx, Session& session, const GitCheckout& checkout);

  const runtime::Store& store_;
  kube::Client& client_;
  artifact::Storage& storage_;
  artifact::Hub& hub_;
  GitFetcher& fetcher_;
  runtime::EventRecorder& events_;
  const Options& options_;
  Clock& clock_;
};

}  // namespace sluice::source_controller
