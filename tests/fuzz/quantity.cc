// Resource quantities: the canonical form stays, and is as much.

// SPDX-License-Identifier: Apache-2.0
#include "common/devapi/schema/quantity.h"
#include "tests/fuzz/targets.h"

namespace sluice::fuzz {

FUZZ_TARGET(quantity, input) {
  const auto canonical = devapi::CanonicalQuantity(input);
  // More digits than any amount needs are not read.
  if (!canonical.ok() || canonical->size() > 30) return;
  const auto again = devapi::CanonicalQuantity(*canonical);
  Require(again.ok() && *again == *canonical, "the canonical form stays", *canonical);
  Require(devapi::CompareQuantities(*canonical, *canonical) == 0, "a quantity is itself", input);
  (void)devapi::RoundUpToMilli(*canonical);
}

}  // namespace sluice::fuzz
