// The tree of what is synced: sources, what consumes them, the objects that those applied. Building
// and printing it are pure, so that goldens can hold them; tree_command.h reads the cluster.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "cli/terminal.h"
#include "common/kube/object.h"
#include "common/ssa/object_id.h"
#include "common/value/value.h"

namespace sluice::cli {

struct TreeNode {
  std::string kind;
  kube::ObjectKey key;
  Mark mark = Mark::kWaiting;
  std::string revision;  // in use; of sources and what consumes them
  std::string detail;    // why it is not ready, or what is worth knowing of it
  std::vector<TreeNode> children;

  std::string Subject() const;  // "Kind/ns/name"
};

struct TreeInput {
  std::vector<kube::ObjectPtr> sources;
  std::vector<kube::ObjectPtr> kustomizations;
  std::vector<kube::ObjectPtr> releases;
  // The live object, or nullptr if there is none.
  std::function<kube::ObjectPtr(const ssa::ObjectId&)> find;
  absl::Time now;
};

// One tree per source that exists or is referred to. A Kustomization that another one applied
// stands below that one, an ExternalArtifact below the ArtifactGenerator that made it, and that
// below its source if it has only one.
std::vector<TreeNode> BuildTree(const TreeInput& input);
// Only the Kustomization `key`; empty if there is none.
std::vector<TreeNode> BuildTree(const TreeInput& input, const kube::ObjectKey& key);

std::string FormatTree(std::span<const TreeNode> roots, const Style& style);
// [{"kind", "namespace", "name", "ready", "revision", "message", "children"}].
Value TreeToValue(std::span<const TreeNode> roots);

// Calls `visit` for every node, parents first.
void VisitTree(std::span<const TreeNode> roots, const std::function<void(const TreeNode&)>& visit);

}  // namespace sluice::cli
