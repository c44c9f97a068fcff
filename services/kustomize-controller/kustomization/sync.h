// One attempt to bring the cluster in line with an artifact: fetch, build, apply, prune, wait
// (spec/kustomize.md §2.4 to §2.8, §4, §5).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/api/meta/artifact.h"
#include "common/artifact/fetcher.h"
#include "common/base/context.h"
#include "common/remote_cluster/clusters.h"
#include "common/ssa/health_rules.h"
#include "services/kustomize-controller/kustomization/decryption_keys.h"
#include "services/kustomize-controller/kustomization/memory.h"
#include "services/kustomize-controller/kustomization/prune.h"
#include "services/kustomize-controller/kustomization/session.h"
#include "services/kustomize-controller/options.h"

namespace sluice::kustomize_controller {

enum class [[nodiscard]] SyncResult{
    kApplied,           // Ready=True is set
    kConfirmed,         // the same, and nothing was built, changed or waited for
    kWaiting,           // for health, or for others to take objects over
    kArtifactNotFound,  // the artifact's URL answers 404: the source is about to store another
    kFailed,            // Ready=False is set; `error` says why
};

struct SyncOutcome {
  SyncResult result = SyncResult::kApplied;
  absl::Status error;
  absl::Duration look_again = absl::InfiniteDuration();  // kWaiting: at the latest
};

// What every attempt uses. All must outlive the call.
struct SyncServices {
  kube::Client& client;                // for what the Kustomization itself refers to
  remote_cluster::Clusters& clusters;  // where its objects are
  artifact::Fetcher& fetcher;
  Neighbours neighbours;
  const Options& options;
  const DecryptionServices& decryption;
};

// `session` has its spec and revision; its status and events tell the progress. Objects are read
// and written as the Kustomization's service account.
SyncOutcome Sync(const Context& ctx, const SyncServices& services, const api::Artifact& artifact,
                 const ssa::HealthRules& rules, Memory& memory, Session& session);

}  // namespace sluice::kustomize_controller
