// From a repository at one revision to what a cluster that follows it would hold.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "cli/plan/charts.h"
#include "cli/plan/cluster_plan.h"
#include "cli/plan/memo.h"
#include "cli/plan/sources.h"
#include "common/age/identity.h"
#include "common/base/context.h"
#include "common/fs/tree.h"
#include "common/helm/capabilities.h"

namespace sluice::plan {

// What is the same for all revisions. The members must outlive the walk.
struct WalkOptions {
  std::string path;  // clean: the folder that the cluster's root Kustomization names
  const LocalSources& local_sources;
  Charts& charts;
  Memo& memo;
  const age::Identities& keys;
  const helm::Capabilities& capabilities;
};

// Renders the folder options.path of `repository` as Flux's root Kustomization would be, then what
// Kustomizations and HelmReleases come out of it, and so on. What cannot be rendered is a finding
// of its unit; only the context's end is an error.
absl::StatusOr<std::unique_ptr<ClusterPlan>> Walk(const Context& ctx,
                                                  std::shared_ptr<const fs::Tree> repository,
                                                  const WalkOptions& options);

// The folder that a cluster's Flux objects start in: that of a Kustomization which syncs itself
// (what `flux bootstrap` writes), else of those that no other Kustomization's path holds.
// kInvalidArgument, naming them, if there are several; kNotFound if there is none.
absl::StatusOr<std::string> FindRoot(const Context& ctx, const fs::Tree& repository);

}  // namespace sluice::plan
