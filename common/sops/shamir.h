// Shamir's secret sharing over GF(2^8), as HashiCorp's Vault and SOPS cut up keys.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "common/base/secret.h"

namespace sluice::sops {

// The secret of `shares`: each byte's values at one point, then the point. Shares of another secret
// give other bytes, not an error. kInvalidArgument for fewer than two shares, unequal lengths, and
// a point that comes twice.
absl::StatusOr<Secret> CombineShares(const std::vector<Secret>& shares);

}  // namespace sluice::sops
