// The macros: calls that the parser replaces by loops and presence tests.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/cel/ast.h"
#include "common/cel/features.h"
#include "common/cel/source.h"

namespace sluice::cel {

struct MacroCall {
  absl::string_view name;
  uint32_t offset = 0;     // of the call
  Expr* target = nullptr;  // null for a call without a receiver
  std::vector<Expr*> args;
};

struct Expansion {
  // What stands for the call; null if it is no macro, or if `issue` says what is wrong with it.
  Expr* expr = nullptr;
  bool failed = false;
  Issue issue;
};

// Expands `call` if `features` have a macro of its name and number of arguments.
Expansion ExpandMacro(const MacroCall& call, const Features& features, Ast& ast);

}  // namespace sluice::cel
