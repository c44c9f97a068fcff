// '…'.format([…]) of the strings extension.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/strings/string_view.h"
#include "common/cel/value.h"

namespace sluice::cel {

// Clauses: %s %d %f %e %b %o %x %X, %% and a precision for %f and %e, which is at most 1000 (the
// reference has no bound). An error says which clause does not fit which argument.
Value FormatString(absl::string_view pattern, const Value& args, Arena& arena);

}  // namespace sluice::cel
