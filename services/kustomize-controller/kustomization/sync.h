// One attempt to bring the cluster in line with an artifact: fetch, build, apply, prune, wait
// (spec/kustomize.md §2.4 to §2.8, §4, §5).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/status.h"
#include "common/api/meta/artifact.h"
#include "common/artifact/fetcher.h"
#include "common/base/context.h"
#include "common/kube/client.h"
#include "common/kube/discovery.h"
#include "common/ssa/applied_memo.h"
#include "services/kustomize-controller/kustomization/decryption_keys.h"
#include "services/kustomize-controller/kustomization/session.h"
#include "services/kustomize-controller/options.h"

namespace sluice::kustomize_controller {

enum class [[nodiscard]] SyncResult{
    kApplied,           // Ready=True is set
    kArtifactNotFound,  // the artifact's URL answers 404: the source is about to store another
    kFailed,            // Ready=False is set; error() says why
};

struct SyncOutcome {
  SyncResult result = SyncResult::kApplied;
  absl::Status error;
};

// What every attempt uses. All must outlive the call.
struct SyncServices {
  kube::Client& client;
  kube::Discovery& discovery;
  artifact::Fetcher& fetcher;
  ssa::AppliedMemo& memo;
  const Options& options;
  const DecryptionServices& decryption;
};

// `session` has its spec and revision; its status and events tell the progress. Objects are read
// and written as the Kustomization's service account.
SyncOutcome Sync(const Context& ctx, const SyncServices& services, const api::Artifact& artifact,
                 Session& session);

// The user that acts on the objects of a Kustomization, "" for the controller itself.
std::string ImpersonatedUser(const api::KustomizationSpec& spec, const std::string& ns,
                             const Options& options);

}  // namespace sluice::kustomize_controller
