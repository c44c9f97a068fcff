// SPDX-License-Identifier: Apache-2.0
#include "common/kustomize/origin.h"

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/kustomize/file_loader.h"
#include "common/kustomize/node_write.h"
#include "common/value/yaml.h"

namespace sluice::kustomize {
namespace {

void AddText(NodeArena& arena, Node* map, absl::string_view key, absl::string_view text) {
  if (!text.empty()) AppendField(arena, map, key, arena.String(text));
}

Node* ToNode(NodeArena& arena, const Origin& origin) {
  Node* map = arena.Map();
  AddText(arena, map, "path", origin.path);
  AddText(arena, map, "configuredIn", origin.configured_in);
  Node* by = arena.Map();
  AddText(arena, by, "apiVersion", origin.api_version);
  AddText(arena, by, "kind", origin.kind);
  AddText(arena, by, "name", origin.name);
  AddText(arena, by, "namespace", origin.namespace_name);
  if (!by->content.empty()) AppendField(arena, map, "configuredBy", by);
  return map;
}

absl::Status SetAnnotation(BuildState& state, Resource& resource, absl::string_view key,
                           absl::string_view text) {
  TextMap annotations = MetadataTexts(resource.root, "annotations");
  SetText(annotations, key, text);
  return SetMetadataTexts(state.arena(), resource.root, "annotations", annotations);
}

}  // namespace

Origin Origin::Append(absl::string_view more) const {
  Origin result = *this;
  result.path = CleanText(absl::StrCat(path, "/", more));
  return result;
}

std::string Origin::ToYaml(NodeArena& arena) const {
  return WriteYaml(ToNode(arena, *this)).value_or("");
}

bool HasOrigin(const Resource& resource) {
  return FindText(MetadataTexts(resource.root, "annotations"), kOriginAnnotation) != nullptr;
}

absl::Status SetOrigin(BuildState& state, Resource& resource, const Origin& origin) {
  return SetAnnotation(state, resource, kOriginAnnotation, origin.ToYaml(state.arena()));
}

absl::Status AddTransformation(BuildState& state, Resource& resource, const Origin& origin) {
  if (resource.deleted()) return absl::OkStatus();
  if (!HasOrigin(resource)) return SetOrigin(state, resource, origin);
  NodeArena& arena = state.arena();
  const TextMap annotations = MetadataTexts(resource.root, "annotations");
  const absl::string_view* before = FindText(annotations, kTransformationsAnnotation);
  Node* list = arena.List();
  list->content.push_back(ToNode(arena, origin));
  ASSIGN_OR_RETURN(const std::string added, WriteYaml(list));
  return SetAnnotation(state, resource, kTransformationsAnnotation,
                       absl::StrCat(before == nullptr ? absl::string_view() : *before, added));
}

std::string OriginPath(const Resource& resource) {
  const TextMap annotations = MetadataTexts(resource.root, "annotations");
  const absl::string_view* text = FindText(annotations, kOriginAnnotation);
  if (text == nullptr) return "";
  const absl::StatusOr<Value> origin = value::ParseYaml(*text);
  return origin.ok() ? std::string((*origin)["path"].str()) : "";
}

}  // namespace sluice::kustomize
