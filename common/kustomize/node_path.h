// Finding nodes by path: kyaml's two languages.
//
// Lookup walks one way down; steps are field names, list positions ("0", "-" for the last) and list
// entries ("[name=web]", "[=-jar]"). Match finds every node that fits; "*" takes all entries of a
// list, "[name=we]" those whose value contains a match of the regular expression, and a path may go
// on into a string that holds YAML or JSON.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/kustomize/node.h"

namespace sluice::kustomize {

using Path = std::vector<std::string>;

// `path` cut at `delimiter`; a backslash before it keeps it. A leading delimiter is dropped.
Path SplitPath(absl::string_view path, char delimiter);
// SplitPath() one step at a time: where the first one starts, and the one that starts at `at`, that
// moves on to the next, to npos behind the last. The step is in `path`, or in `unescaped` if it has
// a delimiter that a backslash keeps.
size_t FirstStep(absl::string_view path, char delimiter);
absl::string_view TakeStep(absl::string_view path, char delimiter, size_t& at,
                           std::string& unescaped);

// The same for "." paths of replacements and vars, where brackets protect what is in them:
// "a.[b.c/d].[name=x.y]" is a, "b.c/d" and "[name=x.y]".
Path SplitFieldPath(absl::string_view path);

bool IsListIndex(absl::string_view step);    // "[...]"
bool IsIndexNumber(absl::string_view step);  // "3"

// The node at `path`, or null if a step is missing or null. An error if a step does not fit the
// kind of the node it meets.
absl::StatusOr<Node*> Lookup(Node* node, std::span<const std::string> path);
// The same, making what is missing: maps or lists on the way as the next step needs, a node of
// `kind` at the end. Positions are not made.
absl::StatusOr<Node*> LookupCreate(NodeArena& arena, Node* node, std::span<const std::string> path,
                                   Node::Kind kind);

// All nodes that fit. `create` other than kNone makes missing fields, the entry after the last of a
// list and "[key=value]" entries, the last one of that kind. Strings that the path goes into are
// parsed for this call only; what is found in them is not linked to the document.
absl::StatusOr<std::vector<Node*>> Match(NodeArena& arena, Node* node,
                                         std::span<const std::string> path, Node::Kind create);

}  // namespace sluice::kustomize
