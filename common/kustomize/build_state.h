// What all parts of one build share.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "common/kustomize/build.h"
#include "common/kustomize/merge_schema.h"
#include "common/kustomize/node.h"
#include "common/kustomize/resource.h"
#include "common/kustomize/resource_id.h"

namespace sluice::kustomize {

// Not thread-safe; one per build.
class BuildState {
 public:
  explicit BuildState(const BuildOptions& options)
      : options_(options), arena_(options.limits.max_nodes) {}
  BuildState(const BuildState&) = delete;
  BuildState& operator=(const BuildState&) = delete;

  const BuildOptions& options() const { return options_; }
  NodeArena& arena() { return arena_; }

  // A resource whose document is `root`; it lives as long as the build.
  // kResourceExhausted beyond the limit on resources.
  absl::StatusOr<Resource*> NewResource(Node* root);
  // kResourceExhausted beyond the limit on nodes.
  absl::StatusOr<Resource*> CopyResource(const Resource& resource);

  // One more folder to build. kResourceExhausted beyond the limit.
  absl::Status CountKustomization();

  // The types of `openapi.path`. Only the first schema of a build counts; one set by the root
  // replaces the built-in types, one set further down adds to them.
  absl::Status UseSchema(absl::string_view text, bool at_root);
  // The built-in types were asked for by name; no other schema is to count.
  void UseBuiltinSchema() { schema_decided_ = true; }
  bool schema_decided() const { return schema_decided_; }
  // The type of objects of this kind; unknown if it is none that has a schema.
  FieldType TypeOf(const Gvk& gvk) const;
  // The type that a comment beside a field describes as JSON schema; unknown if it does not. Names
  // of built-in types are not known in it.
  FieldType TypeFromComment(const Node* node);

  ResourceId CurrentId(const Resource& resource) const;
  // The first id the resource had.
  ResourceId OriginalId(const Resource& resource) const;
  // The `index`-th of resource.previous.
  ResourceId PreviousIdAt(const Resource& resource, size_t index) const;
  // Adds the current id to resource.previous; to be called before a change of name, namespace or
  // kind.
  void RememberId(Resource& resource) const;

  void Warn(std::string message);
  std::vector<std::string>& warnings() { return warnings_; }

 private:
  const BuildOptions& options_;
  NodeArena arena_;
  std::deque<Resource> resources_;
  std::unique_ptr<MergeSchema> schema_;
  std::unique_ptr<MergeSchema> no_schema_;  // what comments refer to where there is no other
  std::deque<Value> comment_types_;
  bool builtin_types_ = true;
  bool schema_decided_ = false;
  size_t kustomizations_ = 0;
  std::vector<std::string> warnings_;
};

}  // namespace sluice::kustomize
