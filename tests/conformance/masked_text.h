// Comparing texts some of whose lines are different in every run.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/strings/string_view.h"

namespace sluice::conformance {

// Whether the texts are equal line by line, where a line of `expected` that holds
// "<<nondeterministic>>" stands for any.
bool EqualButMasked(absl::string_view expected, absl::string_view actual);

// The lines of a text that are not blank, without blanks at their ends.
std::string WithoutBlanks(absl::string_view text);

// The lines of a text in order.
std::string WithSortedLines(absl::string_view text);

}  // namespace sluice::conformance
