// The text of an expression, places in it, and what is wrong with it, in cel-go's form:
//
//   ERROR: <input>:1:5: Syntax error: ...
//    | a + b
//    | ....^

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace sluice::cel {

// Something wrong with an expression.
struct Issue {
  // Where, in bytes from the start of the text.
  uint32_t offset = 0;
  std::string message;
};

// `issues` in the order of their places, each with the line it is in and a caret. Columns count
// characters; line and column count from one.
std::string FormatIssues(absl::string_view text, std::vector<Issue> issues);

}  // namespace sluice::cel
