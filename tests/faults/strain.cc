// SPDX-License-Identifier: Apache-2.0
#include "tests/faults/strain.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace sluice::faults {

Strain::Strain(e2e::Cluster& cluster, std::vector<std::string> processes)
    : cluster_(cluster), processes_(std::move(processes)) {
  for (const std::string& name : processes_) before_[name] = UseOf(name);
  most_ = before_;
}

Strain::Use Strain::UseOf(const std::string& name) {
  const e2e::Process& process = cluster_.process(name);
  const e2e::Process::Usage usage = process.usage();
  Use use = {usage.resident_mib, usage.threads, 0};
  std::error_code error;
  const std::string folder = absl::StrCat("/proc/", process.pid(), "/fd");
  const std::filesystem::directory_iterator descriptors(folder, error);
  use.descriptors = static_cast<int>(std::distance(begin(descriptors), end(descriptors)));
  return use;
}

void Strain::Look() {
  for (const std::string& name : processes_) {
    const Use now = UseOf(name);
    Use& most = most_[name];
    most.resident_mib = std::max(most.resident_mib, now.resident_mib);
    most.threads = std::max(most.threads, now.threads);
    most.descriptors = std::max(most.descriptors, now.descriptors);
  }
}

bool Strain::Eventually(absl::Duration limit, const std::function<bool()>& condition) {
  return e2e::Eventually(limit, [&] {
    Look();
    return condition();
  });
}

std::string Strain::Check() {
  Look();
  double mib = 0;
  double growth = 0;
  int descriptors = 0;
  int threads = 0;
  for (const std::string& name : processes_) {
    const Use& before = before_[name];
    const Use& most = most_[name];
    CAPTURE(name, before.resident_mib, most.resident_mib, before.descriptors, most.descriptors,
            before.threads, most.threads);
    CHECK(most.resident_mib - before.resident_mib < kMaxGrowthMib);
    CHECK(most.descriptors - before.descriptors < kMaxMoreDescriptors);
    CHECK(most.threads - before.threads < kMaxMoreThreads);
    mib = std::max(mib, most.resident_mib);
    growth = std::max(growth, most.resident_mib - before.resident_mib);
    descriptors = std::max(descriptors, most.descriptors - before.descriptors);
    threads = std::max(threads, most.threads - before.threads);
  }
  CHECK(cluster_.Casualties() == "");
  return absl::StrFormat("%.0f MiB (+%.0f), +%d descriptors, +%d threads at most", mib, growth,
                         descriptors, threads);
}

}  // namespace sluice::faults
