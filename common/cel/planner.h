// Tree to steps: names resolved, constants computed, implementations chosen.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <set>
#include <string>

#include "absl/status/statusor.h"
#include "common/cel/ast.h"
#include "common/cel/features.h"
#include "common/cel/step.h"

namespace sluice::cel {

struct Plan {
  StepPtr root;
  size_t locals = 0;              // how many variables of loops there are
  std::set<std::string> globals;  // the variables from outside that it names
};

// Constants of the plan live in `constants`, which must outlive it; types are those the checker
// found, if `checked`. kInvalidArgument if a call with constant arguments fails: a conversion, a
// regular expression.
absl::StatusOr<Plan> MakePlan(const Expr& root, const Features& features, bool checked,
                              Arena& constants);

}  // namespace sluice::cel
