// `sluice plan` and `sluice test` from their options to a report.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "cli/plan/report.h"
#include "common/base/context.h"

namespace sluice::plan {

struct PlanOptions {
  // A folder in a Git repository's work tree, a bare repository, or a folder of its own.
  std::string repository = ".";
  // Revisions as `git rev-parse` reads them, or folders. Of a plan, `from` "" is HEAD and `to` ""
  // the work tree; a test looks at `to` alone.
  std::string from;
  std::string to;
  // Where in the repository the cluster's Flux objects start; "" looks for it.
  std::string path;
  // "Kind/namespace/name=folder": sources that stand elsewhere.
  std::vector<std::string> local_sources;
  // The cluster that charts are rendered for; "" is what Helm assumes.
  std::string kube_version;
  std::vector<std::string> api_versions;
  int prune_budget = 10;
  // For renderings of earlier runs and archives of charts; "" keeps nothing.
  std::string cache_folder;
};

// Where the cache is unless something else is said: $SLUICE_CACHE, $XDG_CACHE_HOME/sluice or
// ~/.cache/sluice; "" if there is no home.
std::string DefaultCacheFolder();

// kInvalidArgument and kNotFound for options that lead nowhere; what the repository holds is never
// an error but a finding. Nothing is fetched.
absl::StatusOr<Report> RunPlan(const Context& ctx, const PlanOptions& options);
absl::StatusOr<Report> RunTest(const Context& ctx, const PlanOptions& options);

}  // namespace sluice::plan
