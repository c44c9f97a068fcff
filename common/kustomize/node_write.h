// Nodes to YAML text as go-yaml v3 writes a node tree: order, quoting and flow style as they are,
// indented by two, lists at their parent's column.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "common/kustomize/node.h"

namespace sluice::kustomize {

// The document, with a newline at its end.
absl::StatusOr<std::string> WriteYaml(const Node* node);

}  // namespace sluice::kustomize
