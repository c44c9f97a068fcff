// Checks of literals that only fail when they are evaluated, made ahead: durations, points in time,
// regular expressions (the validators of cel-go that Kubernetes turns on).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "common/cel/ast.h"
#include "common/cel/source.h"

namespace sluice::cel {

// Adds an issue for each call in the checked tree whose literal argument would be refused.
void CheckLiterals(const Expr& expr, std::vector<Issue>& issues);

}  // namespace sluice::cel
