// YAML text to Nodes, as kyaml's reader does it: aliases replaced by copies, "<<" merged in.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/kustomize/node.h"

namespace sluice::kustomize {

// The first document of `text`, or null if there is none. kInvalidArgument with the line
// ("yaml: line 3: ..."); kResourceExhausted beyond the limit of `arena` or value::kMaxDepth.
absl::StatusOr<Node*> ReadNode(NodeArena& arena, absl::string_view text);

// The same with comments, for a document that is to be written back.
absl::StatusOr<Node*> ReadNodeWithComments(NodeArena& arena, absl::string_view text);

// All documents of a manifest file, separated by lines that start with "---"; empty ones are left
// out. A single document of kind List or ResourceList stands for its items. What is no YAML fails
// with "MalformedYAMLError: yaml: line ..." (the line within its document).
absl::StatusOr<std::vector<Node*>> ReadDocuments(NodeArena& arena, absl::string_view text);

// Whether `status` says that a text is no YAML, in contrast to YAML that is no manifest.
bool IsMalformedYaml(const absl::Status& status);

}  // namespace sluice::kustomize
