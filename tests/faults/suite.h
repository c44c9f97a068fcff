// Controllers with something to do each, between whom and the API server there is a FaultProxy.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/oci_testing/registry.h"
#include "common/value/value.h"
#include "tests/e2e/cluster.h"
#include "tests/e2e/git_repository.h"
#include "tests/e2e/process.h"
#include "tests/faults/fault_proxy.h"

namespace sluice::faults {

inline constexpr absl::Duration kSettleLimit = absl::Seconds(30);

// A repository with a ConfigMap for a Kustomization and, as far as the controllers run, a chart for
// a HelmRelease; a registry whose newest tag an ImagePolicy picks. What fails, fails the test.
class Suite {
 public:
  // Returns once everything is as it should be.
  explicit Suite(std::vector<std::string> controllers);

  e2e::Cluster& cluster() { return *cluster_; }
  FaultProxy& proxy() { return *proxy_; }
  e2e::GitRepository& git() { return *git_; }
  const std::vector<std::string>& controllers() const { return controllers_; }

  void Apply(Value object);
  // Something new for every controller; commits what else was written to git().
  void Change();
  // Asks the sources to look.
  void Trigger();

  // What is not as the last change wants it, be it a watch that is not there; "" if all is well.
  std::string Missing();
  // Nothing was deleted and made anew.
  bool IsSameConfig() { return UidOfConfig() == uid_; }

 private:
  bool Runs(absl::string_view name) const;
  std::string Tag() const;
  std::string UidOfConfig();
  void ApplyRelease();
  void ApplyImages();

  const std::vector<std::string> controllers_;
  e2e::TempDir dir_;
  oci_testing::Registry registry_;
  std::unique_ptr<e2e::Cluster> cluster_;
  std::unique_ptr<e2e::GitRepository> git_;
  int round_ = 0;
  std::string uid_;
  int watches_ = 0;  // while all is well
  std::unique_ptr<FaultProxy> proxy_;
};

}  // namespace sluice::faults
