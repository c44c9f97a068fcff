// Leases: the records by which replicas know of one another.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/time/time.h"
#include "common/kube/gvk.h"

namespace sluice::runtime {

const kube::Resource& LeaseResource();

// A time as a Lease has it, with microseconds.
std::string MicroTime(absl::Time time);

}  // namespace sluice::runtime
