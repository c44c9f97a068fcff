// The functions of Masterminds/sprig 3.3 that Helm leaves to templates, one record each, in
// families: AddFunctions() is the one list of these.
//
// Where Go panics, the function fails with the text of the panic. What Go leaves to chance (the
// order of `keys` and `values`) is sorted here.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "common/gotmpl/function.h"

namespace sluice::sprig {

void AddFunctions(gotmpl::FunctionTable& table);

// lists.cc: lists made, taken apart and changed.
std::vector<gotmpl::Function> ListFunctions();
// dicts.cc: maps, and merging them.
std::vector<gotmpl::Function> DictFunctions();
// logic.cc: defaults, choices, types and kinds.
std::vector<gotmpl::Function> LogicFunctions();
// numbers.cc: integers, floating point and ranges. Go's arithmetic wraps around.
std::vector<gotmpl::Function> NumberFunctions();
// strings.cc: texts cut, joined, padded and searched. Positions and lengths are in bytes.
std::vector<gotmpl::Function> StringFunctions();
// regex.cc: regular expressions of RE2.
std::vector<gotmpl::Function> RegexFunctions();
// paths.cc: the parts of paths.
std::vector<gotmpl::Function> PathFunctions();

}  // namespace sluice::sprig
