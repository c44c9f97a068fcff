// SPDX-License-Identifier: Apache-2.0
#include "common/kustomize/resource.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/base/status_macros.h"

namespace sluice::kustomize {
namespace {

constexpr absl::string_view kInternalPrefix = "internal.config.kubernetes.io/";

auto LowerBound(TextMap& map, absl::string_view key) {
  return std::lower_bound(map.begin(), map.end(), key,
                          [](const auto& entry, absl::string_view k) { return entry.first < k; });
}

// metadata, made if it is missing. An error if it is no map.
absl::StatusOr<Node*> EnsureMetadata(NodeArena& arena, Node* root) {
  RETURN_IF_ERROR(ExpectKind(root, Node::Kind::kMap));
  Node* metadata = FieldOf(root, "metadata");
  if (metadata == nullptr) {
    metadata = arena.Map();
    AppendField(arena, root, "metadata", metadata);
  }
  return metadata;
}

}  // namespace

absl::string_view BehaviorName(Behavior behavior) {
  switch (behavior) {
    case Behavior::kCreate:
      return "create";
    case Behavior::kReplace:
      return "replace";
    case Behavior::kMerge:
      return "merge";
    case Behavior::kUnspecified:
      break;
  }
  return "unspecified";
}

Behavior ParseBehavior(absl::string_view text) {
  if (text == "create") return Behavior::kCreate;
  if (text == "replace") return Behavior::kReplace;
  if (text == "merge") return Behavior::kMerge;
  return Behavior::kUnspecified;
}

Gvk Resource::gvk() const {
  Gvk gvk;
  ParseApiVersion(api_version(), gvk);
  gvk.kind = kind();
  return gvk;
}

absl::string_view Resource::MetaText(absl::string_view field) const {
  const Node* metadata = FieldOf(root, "metadata");
  if (IsNilOrEmpty(metadata)) return absl::string_view();
  const Node* value = FieldOf(metadata, field);
  return IsNilOrEmpty(value) ? absl::string_view() : value->text;
}

TextMap MetadataTexts(const Node* root, absl::string_view field) {
  TextMap texts;
  const Node* map = FieldOf(FieldOf(root, "metadata"), field);
  if (map == nullptr) return texts;
  // Not only of maps: what was put below a null counts, too.
  if (map->is_list()) return texts;
  texts.reserve(map->content.size() / 2);
  for (size_t i = 0; i + 1 < map->content.size(); i += 2) {
    SetText(texts, map->content[i]->text, map->content[i + 1]->text);
  }
  return texts;
}

const absl::string_view* FindText(const TextMap& map, absl::string_view key) {
  const auto it = LowerBound(const_cast<TextMap&>(map), key);
  return it != map.end() && it->first == key ? &it->second : nullptr;
}

void SetText(TextMap& map, absl::string_view key, absl::string_view text) {
  const auto it = LowerBound(map, key);
  if (it != map.end() && it->first == key) {
    it->second = text;
  } else {
    map.insert(it, {key, text});
  }
}

void EraseText(TextMap& map, absl::string_view key) {
  const auto it = LowerBound(map, key);
  if (it != map.end() && it->first == key) map.erase(it);
}

absl::Status SetMetadataTexts(NodeArena& arena, Node* root, absl::string_view field,
                              const TextMap& map) {
  ASSIGN_OR_RETURN(Node * metadata, EnsureMetadata(arena, root));
  RETURN_IF_ERROR(ExpectKind(metadata, Node::Kind::kMap));
  ClearField(metadata, field);
  if (map.empty()) return absl::OkStatus();
  Node* node = arena.Map();
  node->content.reserve(2 * map.size());
  for (const auto& [key, text] : map) AppendField(arena, node, key, arena.String(text));
  AppendField(arena, metadata, field, node);
  return absl::OkStatus();
}

absl::Status SetName(NodeArena& arena, Node* root, absl::string_view name) {
  ASSIGN_OR_RETURN(Node * metadata, EnsureMetadata(arena, root));
  return SetField(arena, metadata, "name", arena.Scalar(name));
}

absl::Status SetNamespace(NodeArena& arena, Node* root, absl::string_view namespace_name) {
  if (namespace_name.empty()) {
    Node* metadata = FieldOf(root, "metadata");
    RETURN_IF_ERROR(ExpectKind(metadata, Node::Kind::kMap));
    if (metadata != nullptr) ClearField(metadata, "namespace");
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(Node * metadata, EnsureMetadata(arena, root));
  return SetField(arena, metadata, "namespace", arena.Scalar(namespace_name));
}

void AbsorbInternalAnnotations(Resource& resource) {
  Node* annotations = FieldOf(FieldOf(resource.root, "metadata"), "annotations");
  if (annotations == nullptr || !annotations->is_map()) return;
  absl::string_view names, namespaces, kinds;
  bool has_names = false;
  for (size_t i = 0; i + 1 < annotations->content.size();) {
    absl::string_view key = annotations->content[i]->text;
    if (!absl::ConsumePrefix(&key, kInternalPrefix)) {
      i += 2;
      continue;
    }
    const absl::string_view text = annotations->content[i + 1]->text;
    if (key == "previousNames") {
      names = text;
      has_names = true;
    } else if (key == "previousNamespaces") {
      namespaces = text;
    } else if (key == "previousKinds") {
      kinds = text;
    } else if (key == "prefixes") {
      resource.prefixes = absl::StrSplit(text, ',');
    } else if (key == "suffixes") {
      resource.suffixes = absl::StrSplit(text, ',');
    } else if (key == "needsHashSuffix") {
      resource.needs_hash = text == "enabled";
    } else if (key == "generatorBehavior") {
      resource.behavior = ParseBehavior(text);
    } else if (key == "helm-generated") {
      resource.of_chart = text == "true";
    } else if (key == "allowNameChange") {
      resource.allow_name_change = text == "enabled";
    } else if (key == "allowKindChange") {
      resource.allow_kind_change = text == "enabled";
    } else {
      i += 2;
      continue;
    }
    const auto at = annotations->content.begin() + static_cast<std::ptrdiff_t>(i);
    annotations->content.erase(at, at + 2);
  }
  if (!has_names) return;
  const std::vector<absl::string_view> name_list = absl::StrSplit(names, ',');
  const std::vector<absl::string_view> namespace_list = absl::StrSplit(namespaces, ',');
  const std::vector<absl::string_view> kind_list = absl::StrSplit(kinds, ',');
  if (name_list.size() != namespace_list.size() || name_list.size() != kind_list.size()) return;
  for (size_t i = 0; i < name_list.size(); ++i) {
    resource.previous.push_back({name_list[i], namespace_list[i], kind_list[i]});
  }
}

}  // namespace sluice::kustomize
