// The most that an expression can cost, from its types and the sizes that its schema allows: what
// an API server 1.34 holds new rules to.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "common/cel/ast.h"
#include "common/cel/schema.h"

namespace sluice::cel {

// The bounds that the API server puts on one rule and on all of a CustomResourceDefinition, where
// the cost of a rule counts as often as its schema can be repeated.
inline constexpr uint64_t kEstimatedRuleLimit = 10'000'000;
inline constexpr uint64_t kEstimatedTotalLimit = 100'000'000;

// The worst case of the checked tree, whose variables are all of `root`. 2^64-1 stands for that and
// all above.
uint64_t EstimateCost(const Expr& expr, const Schema& root);

// How often values of the schema can stand in one request at most, below lists and maps without
// bounds.
uint64_t MaxCardinality(const Schema& schema);

// "<what> exceeds budget by factor of 3.2x (try …)".
std::string EstimateMessage(absl::string_view what, uint64_t cost, uint64_t limit);

}  // namespace sluice::cel
