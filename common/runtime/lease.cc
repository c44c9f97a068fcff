// SPDX-License-Identifier: Apache-2.0
#include "common/runtime/lease.h"

namespace sluice::runtime {

const kube::Resource& LeaseResource() {
  static const auto* const kLeases =
      new kube::Resource{"coordination.k8s.io", "v1", "leases", "Lease", true};
  return *kLeases;
}

std::string MicroTime(absl::Time time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%E6SZ", time, absl::UTCTimeZone());
}

}  // namespace sluice::runtime
