// Resource: one object on its way through a build, with what kustomize remembers about it.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/kustomize/node.h"
#include "common/kustomize/resource_id.h"

namespace sluice::kustomize {

// What a generated object does when one of the same id is there already.
enum class Behavior : uint8_t { kUnspecified, kCreate, kReplace, kMerge };
absl::string_view BehaviorName(Behavior behavior);
// kUnspecified for anything but "create", "replace" and "merge".
Behavior ParseBehavior(absl::string_view text);

inline constexpr absl::string_view kOriginAnnotation = "config.kubernetes.io/origin";
inline constexpr absl::string_view kTransformationsAnnotation =
    "alpha.config.kubernetes.io/transformations";

// The names an object had, which is how others refer to it until the end of the build.
struct PreviousId {
  absl::string_view name;
  absl::string_view namespace_name;  // the effective one
  absl::string_view kind;
};

struct Resource {
  Node* root = nullptr;  // null once a patch deleted the object

  std::vector<PreviousId> previous;
  std::vector<absl::string_view> prefixes;
  std::vector<absl::string_view> suffixes;
  std::vector<std::string> var_names;  // vars that read from here
  Behavior behavior = Behavior::kUnspecified;
  bool generated = false;
  bool needs_hash = false;
  bool of_chart = false;  // rendered by Helm: its namespace is the chart's business
  bool allow_name_change = false;
  bool allow_kind_change = false;

  absl::string_view kind() const { return TextOf(FieldOf(root, "kind")); }
  absl::string_view api_version() const { return TextOf(FieldOf(root, "apiVersion")); }
  absl::string_view name() const { return MetaText("name"); }
  absl::string_view namespace_name() const { return MetaText("namespace"); }
  Gvk gvk() const;
  bool deleted() const { return IsNilOrEmpty(root); }
  // Whether the reference would have written something of this into the object's annotations by
  // now, so that a patch finds there is such a map.
  bool has_notes() const {
    return generated || needs_hash || !previous.empty() || !prefixes.empty() || !suffixes.empty();
  }

 private:
  absl::string_view MetaText(absl::string_view field) const;
};

// The members of metadata.labels or metadata.annotations as texts, sorted by key, each key once.
using TextMap = std::vector<std::pair<absl::string_view, absl::string_view>>;
TextMap MetadataTexts(const Node* root, absl::string_view field);
// The text of one of them, or null.
const absl::string_view* FindText(const TextMap& map, absl::string_view key);
void SetText(TextMap& map, absl::string_view key, absl::string_view text);
void EraseText(TextMap& map, absl::string_view key);
// Replaces that member of metadata; an empty `map` removes it. All values become strings.
absl::Status SetMetadataTexts(NodeArena& arena, Node* root, absl::string_view field,
                              const TextMap& map);

// Sets metadata.name and metadata.namespace as kustomize does; an empty namespace is removed.
absl::Status SetName(NodeArena& arena, Node* root, absl::string_view name);
absl::Status SetNamespace(NodeArena& arena, Node* root, absl::string_view namespace_name);

// Takes over what a document says about itself in annotations under
// internal.config.kubernetes.io, and removes these.
void AbsorbInternalAnnotations(Resource& resource);

}  // namespace sluice::kustomize
