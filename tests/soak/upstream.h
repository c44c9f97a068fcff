// What a soak's cluster is synced with: Git repositories, a Helm repository, a registry; how they
// change, and what has to come of it.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "common/oci_testing/registry.h"
#include "common/value/value.h"
#include "tests/e2e/cluster.h"
#include "tests/e2e/git_repository.h"
#include "tests/e2e/process.h"
#include "tests/hostile/server.h"

namespace sluice::soak {

using Random = std::mt19937_64;

// Everything that fails ends the test.
class Upstream {
 public:
  // Everything is there in a first version. `cluster` serves the Git repositories.
  explicit Upstream(e2e::Cluster& cluster);

  // The repository "fleet": folders base, web, team, orphan and mortal for Kustomizations, and
  // chart for a HelmRelease. Objects come, change, move and go.
  void CommitChanges(Random& random);
  // Something that cannot be built or applied, until Mend().
  void CommitBroken(Random& random);
  void Mend();
  // The repository "images", which image automation pushes to as well.
  void CommitBesideAutomation();
  // The next version of the chart "shop" in the Helm repository, of the artifact with the folder
  // "bundle", of the image.
  void PublishChart(bool broken = false);
  void PublishBundle();
  void PublishImage();

  void FailCharts(bool fail);
  void FailRegistry(int requests);
  void HealRegistry() { registry_.SetFault({}); }

  std::string charts_url() const { return chart_server_.url() + "/charts"; }
  std::string registry_host() const { return registry_.host(); }
  std::string image_tag() const;
  std::string chart_version() const;
  const std::string& fleet_commit() const { return fleet_commit_; }
  const std::string& bundle_revision() const { return bundle_revision_; }
  std::string images_commit() const;
  // What stands in the repository "images" where the marker is.
  std::string images_file() const;

  // The objects that a Kustomization or HelmRelease has to have applied, built by our command line
  // from the newest commit or version.
  std::vector<Value> Objects(const std::string& kustomization) const;
  std::vector<Value> ReleaseObjects(const std::string& release) const;

 private:
  void WriteApp(const std::string& folder, const std::string& name, absl::string_view text);
  void WriteChart(const std::string& mark);
  void CommitFleet(const std::string& message);
  std::string images_path() const { return cluster_.git_root() + "/images.git"; }

  e2e::Cluster& cluster_;
  const std::string ns_;
  e2e::TempDir work_;
  e2e::GitRepository fleet_, images_;  // images_: a clone of the bare one that is served
  oci_testing::Registry registry_;
  int changes_ = 0, charts_ = 0, images_pushed_ = 0, bundles_ = 0;
  std::string fleet_commit_, bundle_revision_;
  std::string moving_ = "base";
  std::map<std::string, std::string> bundle_;  // its files
  std::string newest_chart_;                   // its archive
  std::vector<std::string> broken_;            // files of the repository
  absl::Mutex mutex_;
  bool charts_fail_ ABSL_GUARDED_BY(mutex_) = false;
  std::map<std::string, std::string> charts_served_ ABSL_GUARDED_BY(mutex_);  // by path
  hostile::Server chart_server_;  // last: its threads read the rest
};

}  // namespace sluice::soak
