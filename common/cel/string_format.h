// '…'.format([…]) of the strings extension, in its two versions.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/cel/value.h"

namespace sluice::cel {

// One piece of a pattern.
struct FormatClause {
  std::string text;  // to be printed as it is, if verb is 0
  char verb = 0;     // s d f e b o x X
  int precision = 6;
};

// The pieces of `pattern`: text, %% and clauses, with a precision of at most 1000 (the reference
// has no bound). kInvalidArgument with the reference's words.
absl::StatusOr<std::vector<FormatClause>> ParseFormat(absl::string_view pattern);

enum class FormatVersion {
  // Kubernetes: floating point as in English texts (1,234.5, 1.5×10⁰³), strings in lists quoted,
  // verbs strict about types.
  kLocalized,
  // Version 3 of the extension: as Go's fmt.
  kPlain,
};

// An error says which clause does not fit which argument.
Value FormatString(absl::string_view pattern, const Value& args, FormatVersion version,
                   Arena& arena);

}  // namespace sluice::cel
