// Reading text with substitutions.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace sluice::envsubst {

// A piece of the text: plain, or a substitution.
struct Node {
  std::string plain;  // if `name` is empty
  std::string name;   // of the variable
  std::string op;     // as written, "" for "${name}"
  std::vector<Node> arguments;
};

// The pieces in order. Errors as for Expand().
absl::StatusOr<std::vector<Node>> Parse(absl::string_view text);

}  // namespace sluice::envsubst
