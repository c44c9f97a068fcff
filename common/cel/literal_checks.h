// Checks of literals that the types leave open (cel-go's validators): elements of lists and maps
// are of one type, formats fit their arguments; and where Features::check_literals says so,
// durations, points in time and regular expressions are well-formed.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "common/cel/ast.h"
#include "common/cel/features.h"
#include "common/cel/source.h"

namespace sluice::cel {

// Adds what is wrong with the literals in the checked tree.
void CheckLiterals(const Expr& root, const Features& features, std::vector<Issue>& issues);

}  // namespace sluice::cel
