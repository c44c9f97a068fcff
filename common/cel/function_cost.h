// The most that the call of a function can cost, by the rules of cel-go and of the libraries of
// Kubernetes.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "common/cel/ast.h"
#include "common/cel/cost_bounds.h"
#include "common/cel/known_sizes.h"

namespace sluice::cel {

struct CallEstimate {
  Bounds cost;  // without that of the arguments
  KnownSize result;
};

// Of `call` if this overload, one of its own, is taken. What is known of the entries of its result
// is added to `known`.
CallEstimate EstimateCall(const Expr& call, const std::string& overload, KnownSizes& known);

}  // namespace sluice::cel
