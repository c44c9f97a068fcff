// Charts: where a HelmRelease's chart is found without a network: in the repository, or in a folder
// of archives by their digest with a lock file that says which is which:
//
//   charts.lock     {"charts": [{"repository": "https://…", "chart": "web", "version": "1.2.0",
//                                "digest": "sha256:…"}, …]}
//   sha256/<hex>    the archive
//
// An OCI repository is a repository with its whole URL ("oci://host/charts/web"), and its tag the
// version.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "cli/plan/cluster_plan.h"
#include "cli/plan/sources.h"
#include "common/api/helm/helm_release.h"
#include "common/base/context.h"
#include "common/helm/chart_cache.h"

namespace sluice::plan {

// An archive in a folder of charts.
struct LockedChart {
  std::string repository;
  std::string chart;
  std::string version;
  std::string digest;
};

// Which chart is wanted, of a repository outside.
struct RemoteChart {
  std::string repository;
  std::string chart;
  std::string version;  // a range; "" is any
  std::string digest;   // of an OCI artifact; wins over the version

  // "chart web ^1.2 of https://…".
  std::string ToString() const;
};

// A folder of archives. Immutable once opened.
class ChartFolder {
 public:
  // A folder that is not there is empty. kInvalidArgument for a lock file that is none.
  static absl::StatusOr<ChartFolder> Open(const std::string& folder);

  // The newest that suits; kNotFound, "chart web ^1.2 of https://… is not in the cache".
  absl::StatusOr<LockedChart> Find(const RemoteChart& wanted) const;
  // The archive; kDataLoss if it is not what its digest says.
  absl::StatusOr<std::string> Read(const LockedChart& chart) const;

 private:
  std::string folder_;
  std::vector<LockedChart> charts_;
};

// What a rendering needs of a chart. Thread-safe.
class Charts {
 public:
  // `folder` must outlive it.
  explicit Charts(const ChartFolder& folder) : folder_(folder), parsed_(512) {}

  struct Found {
    std::string identity;  // equal for equal charts
    std::string name;      // "web 1.2.0", for people
    absl::StatusOr<std::shared_ptr<const helm::ParsedChart>> Load() const { return load(); }
    std::function<absl::StatusOr<std::shared_ptr<const helm::ParsedChart>>()> load;
  };
  // The chart of `release`, whose sources are objects of `plan`. kNotFound if it may come with a
  // unit that is still to be rendered; kUnavailable, "not rendered: …", if it is not at hand.
  absl::StatusOr<Found> Find(const Context& ctx, const Value& release,
                             const api::HelmReleaseSpec& spec, const ClusterPlan& plan,
                             Sources& sources);

 private:
  absl::StatusOr<Found> InTree(std::shared_ptr<const fs::Tree> tree, const std::string& path,
                               const std::vector<std::string>& values_files, bool ignore_missing);
  absl::StatusOr<Found> Remote(const RemoteChart& wanted);

  const ChartFolder& folder_;
  helm::ChartCache parsed_;
};

}  // namespace sluice::plan
