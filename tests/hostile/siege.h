// source-controller among hostile upstreams: a cluster, a healthy neighbour, and what both must
// keep to.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "common/value/value.h"
#include "tests/e2e/cluster.h"
#include "tests/e2e/git_repository.h"
#include "tests/e2e/process.h"

namespace sluice::hostile {

// An object that asks something of a hostile upstream.
struct Hostile {
  std::string kind;
  std::string name;
  Value spec;
  // Ready has this status in the end, with the reason and, somewhere in its message, the text.
  std::string status = "False";
  std::string reason;
  std::string text;
  // Sends without an end: where the machine is slow, time is up before a limit in bytes is reached.
  bool endless = false;
};

struct Outcome {
  bool as_expected = false;
  std::string reason;
  std::string message;
};

// What a siege did to the process and to others.
struct Toll {
  absl::Duration worst_before;  // of the neighbour, from commit to artifact
  absl::Duration worst_during;
  int rounds_during = 0;
  double peak_mib = 0;       // resident memory of source-controller
  double disk_mib = 0;       // storage and temporary files, once all is refused
  double peak_disk_mib = 0;  // the same while it went on, as often as it was looked at
};

class Siege {
 public:
  // `flags` and more variables are source-controller's.
  explicit Siege(std::vector<std::string> flags = {},
                 std::vector<std::pair<std::string, std::string>> environment = {});

  e2e::Cluster& cluster() { return *cluster_; }
  void AddSecret(const std::string& name,
                 const std::vector<std::pair<std::string, std::string>>& data);
  void Apply(Value object);

  // Applies all of them at once and commits to the neighbour's repository until each has come to
  // its end, or `limit` has passed. Every outcome is checked (Catch2).
  Toll Run(const std::vector<Hostile>& all, absl::Duration limit);

  // Nothing of what this process wrote, in status, events or logs, has one of these in it.
  void CheckUntold(const std::vector<std::string>& secrets);

  double DiskMib() const;

 private:
  absl::Duration NeighbourRound();
  Outcome Look(const Hostile& hostile);

  e2e::TempDir temporary_;
  std::unique_ptr<e2e::Cluster> cluster_;
  std::unique_ptr<e2e::GitRepository> neighbour_;
  int commits_ = 0;
};

}  // namespace sluice::hostile
