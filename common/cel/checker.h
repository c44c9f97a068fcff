// Type checking, with cel-go's rules and messages.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/cel/ast.h"
#include "common/cel/features.h"
#include "common/cel/type.h"

namespace sluice::cel {

struct Declaration {
  std::string name;
  TypePtr type;
};

// Fills in the types and overloads of `ast`, whose text is `text`. kInvalidArgument with every
// fault in the form of FormatIssues (source.h): undeclared names, fields that the schema does not
// have, calls that no overload takes, and with Features::check_literals literals that their
// function would refuse.
absl::Status Check(absl::string_view text, const std::vector<Declaration>& variables,
                   const Features& features, Ast& ast);

}  // namespace sluice::cel
