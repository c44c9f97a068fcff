// What processes use while something is wrong, and how long they take to get over it.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "tests/e2e/cluster.h"
#include "tests/e2e/process.h"

namespace sluice::faults {

// How much more than before a process may use while something is wrong.
inline constexpr double kMaxGrowthMib = 64;
inline constexpr int kMaxMoreDescriptors = 64;
inline constexpr int kMaxMoreThreads = 48;

// The most of what each of some processes uses, from when it is made.
class Strain {
 public:
  // `cluster` must outlive it.
  Strain(e2e::Cluster& cluster, std::vector<std::string> processes);

  // Looks again and again until `condition` is met or `limit` has passed; whether it was met.
  bool Eventually(absl::Duration limit, const std::function<bool()>& condition);
  // Looks for so long.
  void For(absl::Duration duration) {
    Eventually(duration, [] { return false; });
  }

  // Checks the bounds above, and that all processes live (Catch2). The figures, for people.
  std::string Check();

 private:
  struct Use {
    double resident_mib = 0;
    int threads = 0;
    int descriptors = 0;
  };
  Use UseOf(const std::string& name);
  void Look();

  e2e::Cluster& cluster_;
  const std::vector<std::string> processes_;
  std::map<std::string, Use> before_;
  std::map<std::string, Use> most_;
};

}  // namespace sluice::faults
